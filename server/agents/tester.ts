import { access } from "node:fs/promises";
import { outputOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { commandText, type Facts, type Outcome, type StageOutput, succeeded } from "../../lib/protocol/index.ts";
import { build, prepareToolchain } from "../build/build.ts";
import { buildKey } from "../build/build-key.ts";
import type { BuildPhase } from "../build/build-request.ts";
import type { BuildCaches } from "../build/caches/project-cache.ts";
import { runTests } from "../build/test-run.ts";
import type { Toolchain, Toolchains } from "../build/toolchains.ts";
import { countUnfetched } from "../source/lfs.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { type AnalystOptions, ensureSource } from "./analyst.ts";
import { findReusable, mayReuse } from "./reuse.ts";
import { builtSourceOf, patchesOf, planOf, sourceOf } from "./source-of.ts";

export interface TesterOptions extends AnalystOptions {
	toolchains: Toolchains;
	caches: BuildCaches;
	/** A keyed hash: tells whether a text is the same, and nothing else about it. */
	fingerprint(text: string): string;
	/** Hosts a build may reach wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
}

const phaseSentences: Readonly<Record<BuildPhase, string>> = {
	toolchain: "Getting the programs ready that this project is built with.",
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
					? `Running ${commandText(plan.test)}.`
					: "Looking for tests.",
		perform: (stage, work) => (stage === "build" ? buildProject(work, options) : testProject(work, options)),
	};
}

async function buildProject(work: Work, options: TesterOptions): Promise<Outcome<StageResult>> {
	const kept = await keepBuild(work, options);
	if (kept !== null) return succeeded(kept);
	const plan = planOf(work.state);
	const command = plan.build === null ? null : commandText(plan.build);
	work.say({
		type: "build_started",
		content: command ? `Building with ${command}.` : "Putting the files together.",
		metadata: { command },
	});
	const built = await buildInto(work, work.attemptId, options);
	if (!built.ok) return built;
	const { files, bytes, durationMs, versions } = built.value;
	const what = plan.kind === "static" ? "site" : "app";
	return succeeded({
		text: `Built the ${what}, ${formatCount(files, "file")}, ${formatBytes(bytes)}, ${formatDuration(durationMs)}`,
		facts: { files, size: formatBytes(bytes), duration: formatDuration(durationMs) },
		output: { build: work.attemptId, build_key: await keyOf(work, versions, options) },
	});
}

/** The build of an earlier deployment, when this one would make the same. */
async function keepBuild(work: Work, options: TesterOptions): Promise<StageResult | null> {
	const folderOf = ({ build: id }: StageOutput) => (id === undefined ? null : work.buildDir(id));
	if ((await findReusable(work, "build", (_earlier, output) => folderOf(output))) === null) return null;
	const request = { plan: planOf(work.state), mark: work.attemptId, signal: work.signal, timeoutMs: work.deadlineMs };
	const toolchain = await prepareToolchain(request, { toolchains: options.toolchains, ...work });
	// What is missing is told by the build that then is needed.
	if (!toolchain.ok) return null;
	const key = await keyOf(work, toolchain.value?.versions ?? {}, options);
	const found = await findReusable(work, "build", (_earlier, output) => (output.build_key === key ? folderOf(output) : null));
	if (found === null) return null;
	const { duration: _tookThen, ...facts } = found.stage.facts;
	return {
		text: `Nothing changed since deployment ${found.deployment.number}: its build is used again${sizeIn(facts)}`,
		facts,
		output: found.stage.output,
		reused: true,
	};
}

function sizeIn({ files, size }: Facts): string {
	return typeof files === "number" && typeof size === "string" ? `, ${formatCount(files, "file")}, ${size}` : "";
}

async function keyOf(work: Work, versions: Toolchain["versions"], { fingerprint }: TesterOptions): Promise<string> {
	const environment = fingerprint(textOf(await work.environment("build")));
	const { id, commit } = sourceOf(work.state);
	const unfetched = await countUnfetched(work.sourceDir(id), work.signal);
	return buildKey({
		commit: unfetched === 0 ? commit : `${commit} without ${unfetched} files`,
		patches: patchesOf(work.state).flatMap(({ files }) => files.map(({ path, after }) => `${path} ${after}`)),
		plan: planOf(work.state),
		versions,
		environment,
	});
}

/** The same text for the same variables, in whatever order they come. */
export function textOf(environment: Readonly<Record<string, string>>): string {
	return JSON.stringify(Object.entries(environment).sort());
}

async function testProject(work: Work, options: TesterOptions): Promise<Outcome<StageResult>> {
	const plan = planOf(work.state);
	if (plan.test === null) {
		const text = "No tests to run: the project has no test script";
		return succeeded({ text, facts: { tests: 0 }, output: {}, skipped: true, response: `The build works. ${text}.` });
	}
	const { build: id } = outputOf(work.state, "build");
	const sameBuild = (earlier: DeploymentState) => id !== undefined && outputOf(earlier, "build").build === id;
	const before = await findReusable(work, "test", (earlier) => (sameBuild(earlier) ? work.buildDir(id ?? "") : null));
	if (before !== null) {
		const text = `Nothing changed since deployment ${before.deployment.number}: its tests passed with ${commandText(plan.test)}`;
		return succeeded({ text, facts: {}, output: {}, reused: true, response: `${text}.` });
	}
	const buildDir = await ensureBuild(work, options);
	if (!buildDir.ok) return buildDir;
	const tested = await runTests(
		{
			plan,
			buildDir: buildDir.value,
			sourceDir: work.sourceDir(builtSourceOf(work.state)),
			mark: work.attemptId,
			env: await work.environment("build"),
			memoryMb: work.memoryMb,
			timeoutMs: work.deadlineMs,
			signal: work.signal,
		},
		{ sandbox: work.sandbox, toolchains: options.toolchains, reporter: work.reporter, openRedactor: work.openRedactor },
	);
	if (!tested.ok) return tested;
	const text = `Tests passed with ${commandText(plan.test)}, ${formatDuration(tested.value.durationMs)}`;
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
	const env = await work.environment("build");
	return build(
		{
			plan: planOf(work.state),
			sourceDir: source.value,
			outDir: work.buildDir(id),
			mark: work.attemptId,
			env,
			memoryMb: work.memoryMb,
			timeoutMs: work.deadlineMs,
			signal: work.signal,
			cacheDir: work.cacheDir,
			envFingerprint: options.fingerprint(textOf(env)),
			fresh: !mayReuse(work.state),
			registryHosts: options.registryHosts,
		},
		{
			sandbox: work.sandbox,
			toolchains: options.toolchains,
			caches: options.caches,
			reporter: work.reporter,
			openRedactor: work.openRedactor,
			phase: (phase, command, sentence) => {
				const content = sentence ?? (command ? `Running ${command}.` : phaseSentences[phase]);
				work.say({ type: "build_phase_started", content, metadata: { phase, command } });
			},
		},
	);
}
