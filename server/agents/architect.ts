import { ulid } from "ulid";
import { failed, type Outcome, type Plan, succeeded, type Task } from "../../lib/protocol/index.ts";
import { detectPlans, explainNothing } from "../plan/detect.ts";
import { openWorkspace } from "../source/workspace.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { type AnalystOptions, ensureSource } from "./analyst.ts";

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
	await work.record({ type: "status", content: "Analyzing the files that say how this project is built…", metadata: {} });
	const workspace = await openWorkspace(root.value, work.state.source?.directory ?? null);
	const [plan, ...others] = await detectPlans(workspace);
	if (!plan) return failed(await explainNothing(workspace));
	for (const { file, line, means } of plan.evidence)
		work.reporter.output(`${file}${line === null ? "" : `:${line}`} ${means}\n`, "quayside");
	for (const other of others) work.reporter.output(`Also possible: ${other.summary}\n`, "quayside");
	for (const warning of plan.warnings) work.reporter.output(`warning: ${warning}\n`, "quayside");
	await work.record({ type: "plan_generated", content: plan.summary, metadata: { plan, tasks: tasksOf(plan) } });
	await work.keepArtifact("plan.json", "application/json", `${JSON.stringify(plan, null, "\t")}\n`);
	if (plan.kind === "image")
		return failed({ code: "target_unsupported", message: `${plan.summary}. It needs a target that runs containers.` });
	const confidence = Math.round(plan.confidence * 100);
	return succeeded({
		text: `${plan.summary} (${confidence} % sure, ${plan.evidence.length} ${plan.evidence.length === 1 ? "sign" : "signs"})`,
		facts: { framework: plan.framework, confidence: `${confidence} %` },
		output: {},
	});
}

/** What the Developer writes for this plan. */
function tasksOf({ dockerfile }: Plan): Task[] {
	const names = dockerfile === null ? ["Keep the repository's own Dockerfile"] : ["Write the Dockerfile", "Write the .dockerignore"];
	return names.map((name) => ({ id: ulid(), name }));
}
