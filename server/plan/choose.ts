import { failed, type Outcome, type Plan, type PlanOverrides, planSchema, succeeded, type WorkFailure } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { detectPlans, explainNothing, providerOf } from "./detect.ts";
import { ownContainerFiles } from "./dockerfile.ts";
import { readExpectedVariables } from "./env-example.ts";
import { resolveNodeVersion } from "./node/node-version.ts";
import { applyOverrides, mergeLayers, type OverrideLayer } from "./overrides.ts";
import { type ContainerFiles, noSteps } from "./provider.ts";
import { quaysideFile, readQuaysideFile } from "./quayside-json.ts";
import { withTools } from "./tools.ts";

export interface PlanChoice {
	plan: Plan;
	/** What is possible too, best first. */
	others: Plan[];
}

const settingsFile = "The project's settings";
const editFile = "The approver's change";

/**
 * The plan to carry out: what is detected, changed by `quayside.json` of the repository, then by the project's settings, then by who
 * approves the plan. Fails with `nothing_deployable` or `config_invalid`.
 */
export async function choosePlan(
	workspace: Workspace,
	settings: PlanOverrides = {},
	edit: PlanOverrides = {},
): Promise<Outcome<PlanChoice>> {
	const file = await readQuaysideFile(workspace);
	if (!file.ok) return file;
	const layers: OverrideLayer[] = [
		...(file.value === null ? [] : [{ ...file.value, file: quaysideFile, verb: "sets" as const }]),
		...(Object.keys(settings).length === 0 ? [] : [{ overrides: settings, file: settingsFile, verb: "set" as const, lineOf: () => null }]),
		...(Object.keys(edit).length === 0 ? [] : [{ overrides: edit, file: editFile, verb: "sets" as const, lineOf: () => null }]),
	];
	const wishes = mergeLayers(layers);
	if (wishes.node !== undefined && resolveNodeVersion(wishes.node) === null)
		return failed(wrong(layers, "node", `asks for Node “${wishes.node}”, which is no known version`));

	const plans = await detectPlans(workspace, wishes);
	const base = wishes.provider === undefined ? plans[0] : plans.find(({ provider }) => provider === wishes.provider);
	if (base === undefined && wishes.provider !== undefined && plans.length > 0) {
		const possible = plans.map(({ provider }) => `“${provider}”`).join(", ");
		return failed(wrong(layers, "provider", `chooses the plan “${wishes.provider}”, which is not possible here; possible: ${possible}`));
	}
	// Commands of their owner's are worth more than an image that cannot run here.
	const byOwnCommands =
		(wishes.start || wishes.output !== undefined) && (base === undefined || (base.kind === "image" && !wishes.provider));
	const detected = byOwnCommands ? ownPlan(workspace) : base;
	if (detected === undefined) return failed(await explainNothing(workspace));

	const applied = applyOverrides(detected, layers);
	if (!applied.ok) return applied;
	const plan = withTools({
		...applied.value,
		expects: [...new Set([...applied.value.expects, ...(await readExpectedVariables(workspace))])].slice(0, 100),
	});
	return succeeded({
		plan: layers.length === 0 ? plan : { ...plan, ...(await containerFiles(plan, workspace)) },
		others: plans.filter((other) => other !== detected),
	});
}

/** The Dockerfile follows what people changed; a repository's own stays as it is. */
async function containerFiles(plan: Plan, workspace: Workspace): Promise<ContainerFiles> {
	if (plan.kind === "image") return { dockerfile: null, dockerignore: null };
	const provider = providerOf(plan);
	return provider?.containerFiles === undefined ? ownContainerFiles(plan) : provider.containerFiles(plan, workspace);
}

/** A project that nothing recognises, whose owner says how it is built and run. */
function ownPlan(workspace: Workspace): Plan {
	return planSchema.parse({
		...noSteps,
		provider: "own",
		framework: "Own commands",
		summary: "Own commands",
		kind: "process",
		directory: workspace.directory,
		confidence: 1,
		evidence: [],
		warnings: [],
	});
}

function wrong(layers: readonly OverrideLayer[], field: keyof PlanOverrides, what: string): WorkFailure {
	const layer = layers.findLast(({ overrides }) => overrides[field] !== undefined);
	const line = layer?.lineOf(field) ?? null;
	if (line !== null) return { code: "config_invalid", message: `Line ${line} of ${quaysideFile}: “${field}” ${what}.` };
	const file = layer?.file ?? settingsFile;
	const action = file === editFile ? "Correct it and approve again." : "Correct the project's settings and retry.";
	return { code: "config_invalid", message: `${file} cannot be used: “${field}” ${what}.`, action };
}
