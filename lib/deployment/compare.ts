import { commandText } from "../protocol/command-line.ts";
import type { Plan } from "../protocol/plan.ts";
import type { ComparedDeployment, ComparedStage, ComparisonView } from "../protocol/timing.ts";
import { stages } from "../protocol/words.ts";
import { commitOf, outputOf } from "./selectors.ts";
import type { DeploymentState } from "./state.ts";
import { queuedMsOf, workMsOf } from "./timing.ts";

/** What the states of two deployments tell when they lie beside each other. */
export function compareStates(
	one: DeploymentState,
	other: DeploymentState,
): Pick<ComparisonView, "stages" | "plan" | "artifacts"> & {
	one: Omit<ComparedDeployment, "log">;
	other: Omit<ComparedDeployment, "log">;
} {
	const names = [...new Set([...one.artifacts, ...other.artifacts].map(({ name }) => name))].sort();
	const [left, right] = [factsOf(one.plan), factsOf(other.plan)];
	return {
		one: headOf(one),
		other: headOf(other),
		stages: stages.map((stage) => ({ stage, one: stageOf(one, stage), other: stageOf(other, stage) })),
		plan: [...left.keys()].map((name) => ({ name, one: left.get(name) ?? null, other: right.get(name) ?? null })),
		artifacts: names.map((name) => ({ name, one: artifactOf(one, name), other: artifactOf(other, name) })),
	};
}

function headOf(state: DeploymentState): Omit<ComparedDeployment, "log"> {
	return {
		id: state.id,
		number: state.number,
		project: { slug: state.project.slug, name: state.project.name },
		status: state.status,
		queuedAt: state.queuedAt,
		queuedMs: queuedMsOf(state),
		workMs: workMsOf(state),
		ref: state.source?.ref ?? null,
		commit: commitOf(state),
		commitSubject: outputOf(state, "clone").commit_subject ?? null,
	};
}

function stageOf(state: DeploymentState, stage: (typeof stages)[number]): ComparedStage {
	const found = state.stages.find((candidate) => candidate.stage === stage);
	return { status: found?.status ?? "pending", ms: found?.durationMs ?? null, reused: found?.reused ?? false };
}

function artifactOf(state: DeploymentState, wanted: string): { size: number; sha256: string } | null {
	const found = state.artifacts.find(({ name }) => name === wanted);
	return found ? { size: found.size, sha256: found.sha256 } : null;
}

/** A plan's facts by their names, always the same ones in the same order; null where the plan has no such step. */
function factsOf(plan: Plan | null): Map<string, string | null> {
	const command = (words: readonly string[] | null | undefined): string | null => (words ? commandText(words) : null);
	const tools = plan?.tools ?? [];
	return new Map([
		["Framework", plan?.framework || null],
		["Folder", plan ? plan.directory || "the repository's root" : null],
		["Tools", tools.map(({ name, version }) => (version ? `${name} ${version}` : name)).join(", ") || null],
		["Install", command(plan?.install)],
		["Build", command(plan?.build)],
		["Test", command(plan?.test)],
		["Start", command(plan?.start)],
		["Output", plan?.output ?? null],
		["Port", plan?.port ? String(plan.port) : null],
		["Health check", plan?.healthPath ?? null],
		["Variables of the plan", Object.keys(plan?.env ?? {}).join(", ") || null],
	]);
}
