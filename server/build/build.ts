import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { failed, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { isDiskFull } from "../exec/disk-full.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { copyTree, moveIntoPlace } from "../exec/tree-files.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { BuildPhase, BuildRequest } from "./build-request.ts";
import { type KeptParts, openKeptParts } from "./caches/kept-parts.ts";
import type { BuildCaches, ProjectCache } from "./caches/project-cache.ts";
import { type Collected, collect } from "./collect.ts";
import { runPlan } from "./run-plan.ts";
import { type Toolchain, type Toolchains, toolsOf } from "./toolchains.ts";

export interface BuildTools {
	sandbox: Sandbox;
	toolchains: Toolchains;
	caches: BuildCaches;
	reporter: Reporter;
	/** Makes what takes the project's secrets out of output as it arrives. */
	openRedactor: () => Redactor;
	/** Told of each phase as it begins; `sentence` says more than the phase's own. */
	phase: (phase: BuildPhase, command: string | null, sentence?: string) => void;
}

export interface BuildResult extends Collected {
	durationMs: number;
	/** Exact version of each tool. */
	versions: Toolchain["versions"];
}

/**
 * Carries out a plan: a fresh copy of the source is installed and built in the sandbox. The result appears at `outDir` whole
 * or not at all: `site/` with the files of a static plan, or `app/` with the folder a process starts in (the whole repository where the
 * plan installs in another folder); beside them `tree/`, when a static plan has tests to run in it.
 *
 * It begins with what earlier builds of the project have left. A failure that looks like the fault of that is tried once more without.
 */
export function build(request: BuildRequest, tools: BuildTools): Promise<Outcome<BuildResult>> {
	const { reporter, sandbox, caches } = tools;
	const startedAt = performance.now();
	return caches.use(request.cacheDir, sandbox, async (cache) => {
		const first = await attempt(request, tools, { cache, startedAt, fresh: request.fresh });
		if (!first.retry) return first.outcome;
		reporter.output("This may come from something that was kept of an earlier build. Trying once more without it.\n", "quayside");
		return (await attempt(request, tools, { cache, startedAt, fresh: true })).outcome;
	});
}

interface AttemptSetting {
	cache: ProjectCache;
	startedAt: number;
	/** True for one that begins with nothing of an earlier build. */
	fresh: boolean;
}

async function attempt(
	request: BuildRequest,
	tools: BuildTools,
	{ cache, startedAt, fresh }: AttemptSetting,
): Promise<{ outcome: Outcome<BuildResult>; retry: boolean }> {
	const { caches } = tools;
	const partial = `${request.outDir}.${request.mark}.partial`;
	const ended = (outcome: Outcome<BuildResult>, retry = false) => ({ outcome, retry });
	let kept: KeptParts | null = null;
	await rm(partial, { recursive: true, force: true });
	try {
		await mkdir(partial);
		if (needsToolchain(request.plan)) tools.phase("toolchain", null);
		const prepared = await prepareToolchain(request, tools);
		if (!prepared.ok) return ended(prepared);
		const toolchain = prepared.value;
		const tree = await copySource(request, partial);
		kept = openKeptParts({ ...request, cache, toolchain, environment: request.envFingerprint, tree, scratch: partial, fresh });
		const ran = await runPlan({
			...tools,
			request,
			toolchain,
			tree,
			store: cache.store,
			kept,
			deadlineAt: startedAt + request.timeoutMs,
		});
		// A tree that keeps its shape is looked through once its result is in place, when nobody waits for that any more.
		const keepsShape = isWholeTree(request.plan);
		if (!ran.ok || !keepsShape) await kept.keep(tree, ran.ok);
		if (!ran.ok) return ended(ran, !fresh && (await kept.isToBlame(ran.failure)));
		tools.phase("collect", null);
		tools.reporter.awaiting("the result to be put together");
		const collected = await collect(request.plan, { folder: partial, sourceDir: request.sourceDir }, tools.reporter);
		if (!collected.ok) {
			if (keepsShape) await kept.keep(tree, true);
			return ended(collected);
		}
		if (request.signal.aborted) return ended(failed({ code: "cancelled" }));
		const aside = await setAside(request.plan, partial);
		await moveIntoPlace(partial, request.outDir);
		const parts = kept;
		caches.later(request.cacheDir, async () => {
			if (keepsShape) await parts.keep(aside ?? treeIn(request.plan, request.outDir), true);
			if (aside !== null) await rm(aside, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
		});
		const durationMs = Math.round(performance.now() - startedAt);
		return ended(succeeded({ ...collected.value, versions: toolchain?.versions ?? {}, durationMs }));
	} catch (error) {
		if (request.signal.aborted) return ended(failed({ code: "cancelled" }));
		if (isDiskFull(error)) return ended(failed({ code: "disk_full" }));
		throw error;
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

/** True when the built tree stays as it is, under whatever name: a site is taken out of it, an app is all of it. */
function isWholeTree({ kind, output, directory, installDirectory }: Plan): boolean {
	return kind === "static" ? output !== null && output !== "." : directory === "" || installDirectory !== null;
}

/** Where the whole tree lies in a result. */
function treeIn({ kind }: Plan, outDir: string): string {
	return join(outDir, kind === "static" ? "tree" : "app");
}

/** Takes what is left of a site's tree out of its result, where no tests are to run in it; the answer is where it is then. */
async function setAside({ kind, test }: Plan, partial: string): Promise<string | null> {
	if (kind !== "static" || test !== null) return null;
	const aside = `${partial}.discarded.partial`;
	return rename(join(partial, "tree"), aside).then(
		() => aside,
		() => null,
	);
}

/** The tools that a plan is built with; null for one that is built without running anything. */
export async function prepareToolchain(
	{ plan, mark, signal, timeoutMs }: Pick<BuildRequest, "plan" | "mark" | "signal" | "timeoutMs">,
	{ sandbox, toolchains, reporter }: Pick<BuildTools, "sandbox" | "toolchains" | "reporter">,
): Promise<Outcome<Toolchain | null>> {
	if (!needsToolchain(plan)) return succeeded(null);
	return toolchains.prepare({ plan, mark, signal, timeoutMs }, { sandbox, reporter });
}

function needsToolchain(plan: Plan): boolean {
	return toolsOf(plan).length > 0 && (plan.install !== null || plan.build !== null);
}

/** Owners and modes stay as the clone left them, so that the sandbox's user may write to its copy. */
async function copySource({ sourceDir, signal }: BuildRequest, partial: string): Promise<string> {
	const tree = join(partial, "tree");
	await copyTree(sourceDir, tree, signal);
	return tree;
}
