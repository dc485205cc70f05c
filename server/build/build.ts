import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { failed, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { isDiskFull } from "../exec/disk-full.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { copyTree, moveIntoPlace } from "../exec/tree-files.ts";
import { type Collected, collect } from "./collect.ts";
import { type CommandSetting, insideCache, runStep, type Step } from "./command.ts";
import type { Toolchain, Toolchains } from "./toolchains.ts";

export interface BuildRequest {
	plan: Plan;
	/** Host folder of the repository's files; it is not changed. */
	sourceDir: string;
	/** Absolute host path of the result; it does not exist yet, its parent does. */
	outDir: string;
	/** Marks the processes of this attempt. */
	mark: string;
	/** The project's environment variables. */
	env: Readonly<Record<string, string>>;
	memoryMb: number;
	timeoutMs: number;
	signal: AbortSignal;
	/** Host folder of the package manager's cache, which this project alone uses. */
	npmCacheDir: string;
	/** Hosts that may be reached wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
}

export interface BuildTools {
	sandbox: Sandbox;
	toolchains: Toolchains;
	reporter: Reporter;
	/** Told of each phase as it begins. */
	phase: (phase: BuildPhase, command: string | null) => void;
}

export type BuildPhase = "toolchain" | "install" | "build" | "collect";

export interface BuildResult extends Collected {
	durationMs: number;
}

/** The repository inside the sandbox. */
const workspace = "/workspace";

/**
 * Carries out a plan: a fresh copy of the source is installed and built in the sandbox. The result appears at `outDir` whole
 * or not at all: `site/` with the files of a static plan, or `app/` with the folder a process starts in; beside them `tree/`,
 * when a static plan has tests to run in it.
 */
export async function build(request: BuildRequest, tools: BuildTools): Promise<Outcome<BuildResult>> {
	const startedAt = performance.now();
	const partial = `${request.outDir}.${request.mark}.partial`;
	await rm(partial, { recursive: true, force: true });
	try {
		await mkdir(partial);
		const toolchain = await prepareToolchain(request, tools);
		if (!toolchain.ok) return toolchain;
		const tree = await copySource(request, partial);
		const built = await runCommands(request, tools, { tree, toolchain: toolchain.value, deadlineAt: startedAt + request.timeoutMs });
		if (!built.ok) return built;
		tools.phase("collect", null);
		tools.reporter.awaiting("the result to be put together");
		const collected = await collect(request.plan, partial, tools.reporter);
		if (!collected.ok) return collected;
		if (request.signal.aborted) return failed({ code: "cancelled" });
		await moveIntoPlace(partial, request.outDir);
		return succeeded({ ...collected.value, durationMs: Math.round(performance.now() - startedAt) });
	} catch (error) {
		if (request.signal.aborted) return failed({ code: "cancelled" });
		if (isDiskFull(error)) return failed({ code: "disk_full" });
		throw error;
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

async function prepareToolchain(
	{ plan, mark, signal, timeoutMs }: BuildRequest,
	{ sandbox, toolchains, reporter, phase }: BuildTools,
): Promise<Outcome<Toolchain | null>> {
	if (plan.nodeVersion === null || (plan.install === null && plan.build === null)) return succeeded(null);
	phase("toolchain", null);
	return toolchains.node({ version: plan.nodeVersion, mark, signal, timeoutMs }, { sandbox, reporter });
}

/** Owners and modes stay as the clone left them, so that the sandbox's user may write to its copy. */
async function copySource({ sourceDir, signal }: BuildRequest, partial: string): Promise<string> {
	const tree = join(partial, "tree");
	await copyTree(sourceDir, tree, signal);
	return tree;
}

async function runCommands(
	request: BuildRequest,
	tools: BuildTools,
	{ tree, toolchain, deadlineAt }: { tree: string; toolchain: Toolchain | null; deadlineAt: number },
): Promise<Outcome<null>> {
	const { plan, npmCacheDir } = request;
	const steps = await stepsOf(plan, join(tree, plan.directory));
	if (steps.length === 0) return succeeded(null);
	await tools.sandbox.prepareWritable(npmCacheDir);
	await tools.sandbox.prepareWritable(tree);
	const setting: CommandSetting = {
		...request,
		...tools,
		toolchain,
		mounts: [
			{ host: tree, inside: workspace, writable: true },
			{ host: npmCacheDir, inside: insideCache, writable: true },
		],
		cwd: plan.directory === "" ? workspace : `${workspace}/${plan.directory}`,
		deadlineAt,
	};
	for (const [phase, step] of steps) {
		const command = step.argv.join(" ");
		tools.phase(phase, command);
		tools.reporter.progress(`Running ${command}`);
		const done = await runStep(step, setting);
		if (!done.ok) return done;
	}
	return succeeded(null);
}

async function stepsOf({ install, build, packageManager }: Plan, folder: string): Promise<[BuildPhase, Step][]> {
	const steps: [BuildPhase, Step][] = [];
	if (install !== null) {
		const packages = await countLockedPackages(folder);
		const what = packages === null ? "the dependencies" : `${packages} packages`;
		steps.push(["install", { argv: install, failure: "install_failed", awaiting: `${packageManager ?? "npm"} to install ${what}` }]);
	}
	if (build !== null) steps.push(["build", { argv: build, failure: "build_failed", awaiting: `${build.join(" ")} to finish` }]);
	return steps;
}

/** How many packages npm's lockfile names; null where that cannot be told. */
async function countLockedPackages(folder: string): Promise<number | null> {
	try {
		const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8")) as { packages: object };
		return Object.keys(lock.packages).length - 1;
	} catch {
		return null;
	}
}
