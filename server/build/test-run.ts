import { rm } from "node:fs/promises";
import { join } from "node:path";
import { commandText, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { openFiles } from "../causes/open-files.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { copyTree, exists } from "../exec/tree-files.ts";
import type { Redactor } from "../secrets/redact.ts";
import { runStep } from "./command.ts";
import { insideWorkspace, workspace } from "./inside.ts";
import type { Toolchains } from "./toolchains.ts";

export interface TestRequest {
	plan: Plan;
	/** Host folder of the build result. */
	buildDir: string;
	/** Host folder of the repository's files, to explain a failure with; null where it is not stored any more. */
	sourceDir: string | null;
	mark: string;
	env: Readonly<Record<string, string>>;
	memoryMb: number;
	timeoutMs: number;
	signal: AbortSignal;
	/** Hosts that may be reached wherever they resolve to: the package registry. */
	registryHosts?: readonly string[];
}

/**
 * Runs the project's own tests in a copy of the built files, so that what they write is neither released nor seen by a test
 * that is run again. A plan without tests succeeds at once.
 */
export async function runTests(
	request: TestRequest,
	tools: { sandbox: Sandbox; toolchains: Toolchains; reporter: Reporter; openRedactor: () => Redactor },
): Promise<Outcome<{ durationMs: number }>> {
	const { sandbox, toolchains, reporter, openRedactor } = tools;
	const { plan, buildDir, mark, signal, timeoutMs } = request;
	if (plan.test === null) return succeeded({ durationMs: 0 });
	const deadlineAt = performance.now() + timeoutMs;
	const toolchain = await toolchains.prepare({ plan, mark, signal, timeoutMs }, { sandbox, reporter });
	if (!toolchain.ok) return toolchain;
	const { tree, cwd } = await placeOf(plan, buildDir);
	const copy = `${buildDir}.${mark}.partial`;
	const command = commandText(plan.test);
	try {
		reporter.awaiting("a copy of the build for its tests");
		await copyTree(tree, copy, signal);
		await sandbox.prepareWritable(copy);
		reporter.progress(`Running ${command}`);
		return await runStep(
			{ argv: plan.test, cwd, failure: "test_failed", percents: [0, 95], awaiting: `${command} to finish` },
			{
				...request,
				files: await openFiles(request.sourceDir, plan.directory),
				sandbox,
				reporter,
				openRedactor,
				toolchain: toolchain.value,
				mounts: [{ host: copy, inside: workspace, writable: true }],
				deadlineAt,
				registryHosts: request.registryHosts ?? [],
			},
		);
	} finally {
		await rm(copy, { recursive: true, force: true });
	}
}

/** A static plan keeps the tree it was built in for its tests; the tree of a process is the app itself. */
async function placeOf(plan: Plan, buildDir: string): Promise<{ tree: string; cwd: string }> {
	const tree = join(buildDir, "tree");
	if (await exists(tree)) return { tree, cwd: insideWorkspace(plan.directory) };
	return { tree: join(buildDir, "app"), cwd: plan.installDirectory === null ? workspace : insideWorkspace(plan.directory) };
}
