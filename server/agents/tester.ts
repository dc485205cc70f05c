import { access } from "node:fs/promises";
import { outputOf } from "../../lib/deployment/selectors.ts";
import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { type Outcome, succeeded } from "../../lib/protocol/index.ts";
import { type BuildPhase, build } from "../build/build.ts";
import { runTests } from "../build/test-run.ts";
import type { Toolchains } from "../build/toolchains.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { type AnalystOptions, ensureSource } from "./analyst.ts";
import { planOf } from "./source-of.ts";

export interface TesterOptions extends AnalystOptions {
	toolchains: Toolchains;
	/** Hosts a build may reach wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
}

const phaseSentences: Readonly<Record<BuildPhase, string>> = {
	toolchain: "Getting Node and npm ready.",
	install: "Installing the dependencies.",
	build: "Building.",
	collect: "Collecting the result.",
};

/** Builds the project and runs its own tests: build, test. */
export function createTester(options: TesterOptions): Agent {
	return {
		name: "Tester",
		opening: (stage, { plan }) =>
			stage === "build"
				? `Building with ${plan?.framework ?? "the plan"}.`
				: plan?.test
					? `Running ${plan.test.join(" ")}.`
					: "Looking for tests.",
		perform: (stage, work) => (stage === "build" ? buildProject(work, options) : testProject(work, options)),
	};
}

async function buildProject(work: Work, options: TesterOptions): Promise<Outcome<StageResult>> {
	const plan = planOf(work.state);
	const command = plan.build?.join(" ") ?? null;
	await work.record({
		type: "build_started",
		content: command ? `Building with ${command}.` : "Putting the files together.",
		metadata: { command },
	});
	const built = await buildInto(work, work.attemptId, options);
	if (!built.ok) return built;
	const { files, bytes, durationMs } = built.value;
	const what = plan.kind === "static" ? "site" : "app";
	return succeeded({
		text: `Built the ${what}, ${formatCount(files, "file")}, ${formatBytes(bytes)}, ${formatDuration(durationMs)}`,
		facts: { files, size: formatBytes(bytes), duration: formatDuration(durationMs) },
		output: { build: work.attemptId },
	});
}

async function testProject(work: Work, options: TesterOptions): Promise<Outcome<StageResult>> {
	const plan = planOf(work.state);
	if (plan.test === null) {
		const text = "No tests to run: the project has no test script";
		return succeeded({ text, facts: { tests: 0 }, output: {}, skipped: true, response: `The build works. ${text}.` });
	}
	const buildDir = await ensureBuild(work, options);
	if (!buildDir.ok) return buildDir;
	const tested = await runTests(
		{
			plan,
			buildDir: buildDir.value,
			mark: work.attemptId,
			env: await work.environment(),
			memoryMb: work.memoryMb,
			timeoutMs: work.deadlineMs,
			signal: work.signal,
		},
		{ sandbox: work.sandbox, toolchains: options.toolchains, reporter: work.reporter },
	);
	if (!tested.ok) return tested;
	const text = `Tests passed with ${plan.test.join(" ")}, ${formatDuration(tested.value.durationMs)}`;
	return succeeded({ text, facts: { duration: formatDuration(tested.value.durationMs) }, output: {}, response: `${text}.` });
}

/** Host folder of the build result; one that is not on this node any more is built again from the recorded source and plan. */
export async function ensureBuild(work: Work, options: TesterOptions): Promise<Outcome<string>> {
	const id = outputOf(work.state, "build").build ?? work.attemptId;
	const folder = work.buildDir(id);
	if (
		await access(folder).then(
			() => true,
			() => false,
		)
	)
		return succeeded(folder);
	work.reporter.output("The build result is not stored any more; building again.\n", "quayside");
	const built = await buildInto(work, id, options);
	return built.ok ? succeeded(folder) : built;
}

async function buildInto(work: Work, id: string, options: TesterOptions) {
	const source = await ensureSource(work, options);
	if (!source.ok) return source;
	return build(
		{
			plan: planOf(work.state),
			sourceDir: source.value,
			outDir: work.buildDir(id),
			mark: work.attemptId,
			env: await work.environment(),
			memoryMb: work.memoryMb,
			timeoutMs: work.deadlineMs,
			signal: work.signal,
			npmCacheDir: work.cacheDir,
			registryHosts: options.registryHosts,
		},
		{
			sandbox: work.sandbox,
			toolchains: options.toolchains,
			reporter: work.reporter,
			phase: (phase, command) => {
				const content = command ? `Running ${command}.` : phaseSentences[phase];
				// A phase that cannot be recorded ends the attempt through the recorder; there is nothing to do here.
				void work.record({ type: "build_phase_started", content, metadata: { phase, command } }).catch(() => {});
			},
		},
	);
}
