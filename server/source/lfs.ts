import { join } from "node:path";
import { failed, type Outcome, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { cloneFailure } from "./clone-failure.ts";
import { type GitSession, runInClone } from "./git.ts";
import { lfsProgram } from "./git-environment.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

const firstLine = "version https://git-lfs.github.com/spec/v1\n";
/** A pointer has three short lines. */
const minPointerBytes = 100;
const maxPointerBytes = 1024;

/** Files that only name what Git LFS keeps elsewhere. */
export async function lfsPointers(workspace: Workspace, signal: AbortSignal): Promise<string[]> {
	const pointers: string[] = [];
	for await (const { path, bytes } of workspace.walk()) {
		signal.throwIfAborted();
		if (bytes < minPointerBytes || bytes > maxPointerBytes) continue;
		if ((await workspace.read(path, firstLine.length)) === firstLine) pointers.push(path);
	}
	return pointers;
}

/** How many files at `root` are still pointers because git-lfs was not there when they were cloned: another clone may have them. */
export async function countUnfetched(root: string, signal: AbortSignal): Promise<number> {
	const tree = await openWorkspace(root, null);
	return (await usesLfs(tree)) ? (await lfsPointers(tree, signal)).length : 0;
}

/** Fetches what Git LFS keeps of the files that a session has checked out, where git-lfs is installed; elsewhere pointers stay. */
export async function fetchLfs(session: GitSession, reporter: Reporter): Promise<Outcome<null>> {
	const tree = await openWorkspace(join(session.workDir, session.treeDir), null);
	if (!(await usesLfs(tree))) return succeeded(null);
	const bytes = await announcedBytes(tree, session.request.signal);
	const { maxMb } = session.request.limits;
	if (bytes > maxMb * 1_000_000)
		return failed({
			code: "repository_too_large",
			message: `The files that Git LFS keeps take ${Math.round(bytes / 1_000_000)} MB; the limit is ${maxMb} MB.`,
		});
	reporter.awaiting("the files that Git LFS keeps");
	const run = await runInClone(session, [lfsProgram, session.gitDir, session.treeDir, session.address.url], { network: true });
	return run.ok ? succeeded(null) : cloneFailure(run, session, "repository_unreachable");
}

async function usesLfs(tree: Workspace): Promise<boolean> {
	return /\bfilter=lfs\b/.test((await tree.read(".gitattributes")) ?? "");
}

async function announcedBytes(tree: Workspace, signal: AbortSignal): Promise<number> {
	let bytes = 0;
	for (const path of await lfsPointers(tree, signal)) {
		const [, size = "0"] = /^size (\d{1,15})$/m.exec((await tree.read(path, maxPointerBytes)) ?? "") ?? [];
		bytes += Number(size);
	}
	return bytes;
}
