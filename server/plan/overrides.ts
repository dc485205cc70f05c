import { commandFromLine, commandText, failed, type Outcome, type Plan, type PlanOverrides, succeeded } from "../../lib/protocol/index.ts";
import { withTools } from "./tools.ts";

/** Somebody who decides about a plan, and how that reads: "quayside.json:4 sets …", "The project's settings set …". */
export interface OverrideLayer {
	overrides: PlanOverrides;
	/** File of the evidence, and the line of a field in it. */
	file: string;
	lineOf(field: string): number | null;
	verb: "sets" | "set";
}

type Field = keyof PlanOverrides;

/**
 * The plan as people want it: later layers win over earlier ones, and all win over what was detected. The result makes sense as a
 * whole: an output folder makes a site, a start command a process. Fails with `config_invalid` where that cannot be.
 */
export function applyOverrides(plan: Plan, layers: readonly OverrideLayer[]): Outcome<Plan> {
	const merged = mergeLayers(layers);
	const kind = kindOf(plan, layers);
	const build = { install: plan.install, build: plan.build, test: plan.test };
	for (const step of ["install", "build", "test"] as const) build[step] = commandOf(merged[step], plan[step]);
	const start = kind === "static" ? null : commandOf(merged.start, plan.start);
	const output = kind === "static" ? (merged.output ?? plan.output) : null;
	if (kind === "static" && output === null)
		return failed(incomplete(layers, "there is no start command, and no output says which folder is the site"));
	if (kind === "process" && start === null) return failed(incomplete(layers, "the app has no start command"));
	const changed: Plan = {
		...plan,
		...build,
		kind,
		start,
		output: output === "" ? "." : output,
		framework: merged.framework ?? plan.framework,
		spaFallback: kind === "static" ? (merged.spaFallback ?? (plan.kind === "static" && plan.spaFallback)) : false,
		port: kind === "process" ? (merged.port ?? plan.port) : null,
		healthPath: merged.healthPath ?? plan.healthPath,
		env: { ...plan.env, ...merged.env },
		evidence: [...evidenceOf(layers, kind), ...plan.evidence.filter(({ means }) => !overruled(means, merged))].slice(0, 50),
	};
	const reshaped = (["framework", "start", "output"] as const).some((field) => merged[field] !== undefined);
	return succeeded(withTools(reshaped ? { ...changed, summary: summarise(changed) } : changed));
}

/** What all layers together say, field by field; variables one by one. */
export function mergeLayers(layers: readonly OverrideLayer[]): PlanOverrides {
	const env = Object.assign({}, ...layers.map(({ overrides }) => overrides.env));
	return Object.assign({}, ...layers.map(({ overrides }) => overrides), { env });
}

/** True for what was seen of a command that somebody replaced. */
function overruled(means: string, { build, start, output }: PlanOverrides): boolean {
	if (build !== undefined && means.startsWith("Builds with ")) return true;
	return (start !== undefined || output !== undefined) && /^Starts with |\bstarts with /.test(means);
}

/** The strongest layer that speaks of a start command or an output decides. */
function kindOf(plan: Plan, layers: readonly OverrideLayer[]): Plan["kind"] {
	const decides = layers.findLast(({ overrides }) => overrides.start !== undefined || overrides.output !== undefined)?.overrides;
	if (decides === undefined) return plan.kind;
	return decides.start === undefined || decides.start === null ? "static" : "process";
}

function commandOf(override: PlanOverrides["build"], detected: string[] | null): string[] | null {
	if (override === undefined) return detected;
	return typeof override === "string" ? commandFromLine(override) : override;
}

function incomplete(layers: readonly OverrideLayer[], why: string) {
	const last = layers.findLast(({ overrides }) => overrides.start !== undefined || overrides.output !== undefined) ?? layers.at(-1);
	const line = last?.lineOf("start") ?? last?.lineOf("output") ?? null;
	const who = last === undefined ? "The plan" : line === null ? last.file : `Line ${line} of ${last.file}`;
	return {
		code: "config_invalid" as const,
		message: `${who} cannot be carried out: ${why}.`,
		action: "Give a start command or an output folder, and retry.",
	};
}

const fieldNames: Readonly<Record<Field, string>> = {
	provider: "the plan",
	framework: "the framework's name",
	node: "the version of Node",
	packageManager: "the package manager",
	install: "the install command",
	build: "the build command",
	test: "the test command",
	start: "the start command",
	output: "the output folder",
	spaFallback: "whether unknown paths answer index.html",
	port: "the port",
	healthPath: "the path that is asked for",
	env: "variables",
};

function evidenceOf(layers: readonly OverrideLayer[], kind: Plan["kind"]): Plan["evidence"] {
	return layers.toReversed().flatMap((layer, index) => {
		const stronger = layers.slice(layers.length - index);
		return (Object.keys(layer.overrides) as Field[])
			.filter((field) => layer.overrides[field] !== undefined && counts(field, layer.overrides, kind))
			.filter((field) => field === "env" || !stronger.some((later) => later.overrides[field] !== undefined))
			.map((field) => ({
				file: layer.file,
				line: layer.lineOf(field),
				means: `${layer.verb} ${fieldNames[field]}${shownValue(layer.overrides, field)}`,
			}));
	});
}

/** False for what says nothing about a plan of this kind. */
function counts(field: Field, overrides: PlanOverrides, kind: Plan["kind"]): boolean {
	if (field === "output") return kind === "static";
	if (field === "start") return kind === "process" || overrides.start === null;
	return field === "port" ? kind === "process" : true;
}

function shownValue(overrides: PlanOverrides, field: Field): string {
	const value = overrides[field];
	if (field === "env") return ` ${Object.keys(overrides.env ?? {}).join(", ")}`;
	if (value === null) return ": none";
	const text = Array.isArray(value) ? commandText(value) : String(value);
	return `: ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`;
}

function summarise({ framework, packageManager, kind, output, start }: Plan): string {
	const tail = kind === "static" ? `output ${output}` : `starts with ${commandText(start ?? [])}`;
	return ["Detected", [framework, packageManager, tail].filter(Boolean).join(", ")].join(" ");
}
