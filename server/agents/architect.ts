import {
	failed,
	type Metadata,
	type Outcome,
	type Plan,
	type PlanChoice,
	type PlanOverrides,
	succeeded,
	type Task,
} from "../../lib/protocol/index.ts";
import { choosePlan } from "../plan/choose.ts";
import { missingVariables } from "../plan/env-example.ts";
import { openWorkspace } from "../source/workspace.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { type AnalystOptions, ensureSource } from "./analyst.ts";
import { newTaskId } from "./task-id.ts";

/** Decides how the project is built and run: plan. */
export function createArchitect(options: AnalystOptions): Agent {
	return {
		name: "Architect",
		opening: () => "Working out how to build and run this project.",
		perform: (_stage, work) => plan(work, options),
	};
}

async function plan(work: Work, options: AnalystOptions): Promise<Outcome<StageResult>> {
	const root = await ensureSource(work, options);
	if (!root.ok) return root;
	const { source, planEdit } = work.state;
	const known = await Promise.all([work.environment("build"), work.environment("runtime")]);
	const made = await makePlan({
		root: root.value,
		directory: source?.directory ?? null,
		settings: work.planOverrides,
		edit: planEdit,
		variables: known.flatMap(Object.keys),
	});
	if (!made.ok) return made;
	const { plan, alternatives } = made.value;
	for (const content of sentencesOf(plan)) work.say({ type: "status", content, metadata: {} });
	for (const { file, line, means } of plan.evidence)
		work.reporter.output(`${file}${line === null ? "" : `:${line}`} ${means}\n`, "quayside");
	for (const other of alternatives) work.reporter.output(`Also possible: ${other.summary}\n`, "quayside");
	for (const warning of plan.warnings) work.reporter.output(`warning: ${warning}\n`, "quayside");
	const recorded = work.record({ type: "plan_generated", content: plan.summary, metadata: made.value });
	const { name, mediaType, text } = planFile(plan);
	await Promise.all([recorded, work.keepArtifact(name, mediaType, text)]);
	if (plan.kind === "image") return failed(needsContainers(plan));
	const confidence = Math.round(plan.confidence * 100);
	return succeeded({
		text: `${plan.summary} (${confidence} % sure)`,
		facts: { framework: plan.framework, confidence: `${confidence} %` },
		output: {},
	});
}

const maxAlternatives = 10;

export interface PlanRequest {
	/** Host folder of the stored source. */
	root: string;
	directory: string | null;
	settings: PlanOverrides;
	/** What people changed when they approved the plan. */
	edit: PlanOverrides;
	/** Names of the variables that the project has. */
	variables: readonly string[];
}

/** Works out the plan of a stored source, with what people fix about it. */
export async function makePlan({ root, directory, settings, edit, variables }: PlanRequest): Promise<Outcome<Metadata<"plan_generated">>> {
	const chosen = await choosePlan(await openWorkspace(root, directory), settings, edit);
	if (!chosen.ok) return chosen;
	const plan = withMissingVariables(chosen.value.plan, variables);
	return succeeded({ plan, tasks: tasksOf(plan), alternatives: chosen.value.others.slice(0, maxAlternatives).map(choiceOf) });
}

/** The plan as a file for people. */
export function planFile(plan: Plan): { name: string; mediaType: string; text: string } {
	return { name: "plan.json", mediaType: "application/json", text: `${JSON.stringify(plan, null, "\t")}\n` };
}

/** What was looked at and found, by its real names: "Analyzing pnpm dependencies…", "Detected Next.js application…". */
function sentencesOf({ kind, framework, packageManager, language }: Plan): string[] {
	if (kind === "image") return ["Analyzing the Dockerfile…"];
	const analyzing = packageManager ?? (language === "HTML" ? null : language || null);
	const what = framework === "Static site" ? "a static site" : `${framework} ${kind === "static" ? "site" : "application"}`;
	return [...(analyzing === null ? [] : [`Analyzing ${analyzing} dependencies…`]), `Detected ${what}…`];
}

/** Adds which of the variables the repository asks for nobody has set. */
function withMissingVariables(plan: Plan, variables: readonly string[]): Plan {
	const warning = plan.expects.length === 0 ? null : missingVariables(plan.expects, [...variables, ...Object.keys(plan.env)]);
	return warning === null ? plan : { ...plan, warnings: [...plan.warnings, warning].slice(-20) };
}

/** Why a plan cannot be carried out on this target. */
export function needsContainers({ summary }: Plan) {
	return {
		code: "target_unsupported" as const,
		message: `${summary}. It needs a target that runs containers, and this one runs projects without; nothing else in the repository can be deployed here.`,
		action:
			"Add what says how the project runs without a container (a package.json with a start script, a Procfile, an index.html, or a quayside.json with a start command) and retry.",
	};
}

function choiceOf({ provider, framework, summary, kind, confidence }: Plan): PlanChoice {
	return { provider, framework, summary, kind, confidence };
}

/** What the Developer writes for this plan. */
function tasksOf({ dockerfile }: Plan): Task[] {
	const names = dockerfile === null ? ["Keep the repository's own Dockerfile"] : ["Write the Dockerfile", "Write the .dockerignore"];
	return names.map((name) => ({ id: newTaskId(), name }));
}
