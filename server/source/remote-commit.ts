import { rm } from "node:fs/promises";
import { parseGitUrl } from "../../lib/protocol/index.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { prepareFolder } from "./clone.ts";
import type { CloneRequest } from "./clone-request.ts";
import { isFullCommit } from "./fetch-commit.ts";
import { type GitSession, runInClone } from "./git.ts";

/**
 * Which commit a clone would fetch now, as the git server says without sending any file; null where it does not say so plainly, or
 * cannot be asked: a clone finds out, and tells what is wrong.
 */
export async function findRemoteCommit(request: CloneRequest, { sandbox }: { sandbox: Sandbox }): Promise<string | null> {
	const { ref } = request;
	if (ref !== null && isFullCommit(ref)) return ref.toLowerCase();
	const parsed = parseGitUrl(request.url);
	if (!parsed.ok) return null;
	const folder = `${request.into}.${request.mark}.look.partial`;
	try {
		await prepareFolder(folder, sandbox, request.ssh);
		const deadlineAt = performance.now() + request.limits.timeoutMs;
		const session: GitSession = { request, address: parsed.value, sandbox, workDir: folder, gitDir: "git", treeDir: "tree", deadlineAt };
		const names = namesOf(ref);
		const run = await runInClone(session, ["git", "ls-remote", "--", parsed.value.url, ...names], { network: true });
		return run.ok && !run.tooLarge ? pick(run.stdout, names) : null;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** What a clone would look for, in its order; a tag that is an object of its own names its commit with `^{}`. */
function namesOf(ref: string | null): string[] {
	if (ref === null || ref === "" || ref === "HEAD") return ["HEAD"];
	return ref.startsWith("refs/") ? [`${ref}^{}`, ref] : [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`];
}

function pick(said: string, names: readonly string[]): string | null {
	const commits = new Map(said.split("\n").map((line) => line.split("\t").reverse() as [string, string]));
	const commit = names.map((name) => commits.get(name)).find((found) => found !== undefined);
	return commit !== undefined && isFullCommit(commit) ? commit : null;
}
