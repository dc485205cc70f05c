import { appliedFixes } from "../../lib/deployment/selectors.ts";
import { type Outcome, type Plan, succeeded } from "../../lib/protocol/index.ts";
import { dockerignoreText } from "../plan/dockerfile.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { repairByRule } from "./repair.ts";
import { planOf } from "./source-of.ts";

export interface DeveloperOptions {
	/** What a repair may raise the memory of a build to. */
	mostMemoryMb: number;
}

/** Writes what the plan asks for: write; and repairs by rule what made a later stage fail. The repository itself is never changed. */
export function createDeveloper(options: DeveloperOptions): Agent {
	return {
		name: "Developer",
		opening: (_stage, { plan }) =>
			plan?.dockerfile ? `Generating optimized Dockerfile for ${plan.framework}…` : "Keeping the repository's own Dockerfile.",
		perform: (_stage, work) => write(work),
		repair: (stage, failure, work) => repairByRule(stage, failure, work, options),
	};
}

async function write(work: Work): Promise<Outcome<StageResult>> {
	const files = filesOf(planOf(work.state));
	const kept: Promise<void>[] = [];
	for (const [index, task] of work.state.tasks.entries()) {
		work.signal.throwIfAborted();
		const startedAt = performance.now();
		work.say({ type: "task_started", content: task.name, metadata: { task_id: task.id, name: task.name } });
		const file = files[index];
		if (file) kept.push(work.keepArtifact(file.name, file.mediaType, file.text));
		const durationMs = Math.round(performance.now() - startedAt);
		work.say({
			type: "task_completed",
			content: `Done: ${task.name}`,
			metadata: { task_id: task.id, name: task.name, duration_ms: durationMs },
		});
	}
	await Promise.all(kept);
	const lines = files.reduce((sum, { text }) => sum + text.trimEnd().split("\n").length, 0);
	const text =
		files.length === 0
			? "Kept the repository's own Dockerfile, 0 files written"
			: `Wrote ${files.map(({ name }) => name).join(" and ")}, ${lines} lines`;
	const repairs = appliedFixes(work.state).map(({ title }) => title);
	return succeeded({
		text,
		facts: { files: files.length, lines, ...(repairs.length > 0 && { repairs: repairs.length }) },
		output: {},
		skipped: files.length === 0,
		response: repairs.length === 0 ? undefined : `Repaired: ${repairs.join("; ")}. ${text}`,
	});
}

function filesOf({ dockerfile, dockerignore }: Plan): { name: string; mediaType: string; text: string }[] {
	if (dockerfile === null) return [];
	return [
		{ name: "Dockerfile", mediaType: "text/x-dockerfile", text: dockerfile },
		{ name: ".dockerignore", mediaType: "text/plain", text: dockerignore ?? dockerignoreText },
	];
}
