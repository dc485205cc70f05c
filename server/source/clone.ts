import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failed, type Outcome, parseGitUrl, projectNameOf, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { isDiskFull } from "../exec/disk-full.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { moveIntoPlace } from "../exec/tree-files.ts";
import { cloneFailure } from "./clone-failure.ts";
import { CloneProgress } from "./clone-progress.ts";
import type { CloneRequest } from "./clone-request.ts";
import { type GitSession, gitDir, runInClone, treeDir } from "./git.ts";
import { checkoutProgram, gitPrograms } from "./git-environment.ts";
import { openWorkspace } from "./workspace.ts";

export interface CloneResult {
	commit: string;
	/** First line of the commit's message. */
	subject: string;
	/** null for a tag or a commit. */
	branch: string | null;
	files: number;
	bytes: number;
	durationMs: number;
}

/**
 * Fetches one commit of a repository and leaves its files, without `.git`, at `into`, which appears whole or not at all.
 * Git runs in the sandbox; the token reaches it through its environment only.
 */
export async function clone(
	request: CloneRequest,
	{ sandbox, reporter }: { sandbox: Sandbox; reporter: Reporter },
): Promise<Outcome<CloneResult>> {
	const startedAt = performance.now();
	const parsed = parseGitUrl(request.url);
	if (!parsed.ok) return parsed;
	const address = parsed.value;
	const partial = `${request.into}.${request.mark}.partial`;
	await rm(partial, { recursive: true, force: true });
	try {
		await prepareFolder(partial, sandbox);
		const session: GitSession = { request, address, sandbox, workDir: partial, deadlineAt: startedAt + request.limits.timeoutMs };
		reporter.progress(`Cloning ${projectNameOf(address.url)} from ${address.host}`);
		reporter.awaiting(`${address.host} to answer`);

		const revision = await fetchCommit(session, reporter);
		if (!revision.ok) return revision;
		const checkedOut = await checkOut(session, revision.value, reporter);
		if (!checkedOut.ok) return checkedOut;
		const folder = await requireDirectory(join(partial, treeDir), request.directory);
		if (!folder.ok) return folder;

		await moveIntoPlace(join(partial, treeDir), request.into);
		return succeeded({ ...checkedOut.value, durationMs: Math.round(performance.now() - startedAt) });
	} catch (error) {
		if (isDiskFull(error)) return failed({ code: "disk_full" });
		throw error;
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

async function prepareFolder(partial: string, sandbox: Sandbox): Promise<void> {
	for (const folder of [treeDir, "home"]) await mkdir(join(partial, folder), { recursive: true });
	for (const [name, text] of Object.entries(gitPrograms)) await writeFile(join(partial, "home", name), text, { mode: 0o755 });
	await sandbox.prepareWritable(partial);
}

/** Brings the commit into the bare repository; answers the revision that names it there. */
async function fetchCommit(session: GitSession, reporter: Reporter): Promise<Outcome<string>> {
	const { ref } = session.request;
	if (ref === null || ref === "" || ref === "HEAD") return fetchBranch(session, null, reporter);
	if (isFullCommit(ref) || ref.startsWith("refs/")) return fetchExact(session, ref, reporter);
	const branch = await fetchBranch(session, ref, reporter);
	if (branch.ok || branch.failure.code !== "ref_not_found" || !/^[0-9a-f]{7,39}$/i.test(ref)) return branch;
	return fetchWithHistory(session, ref, reporter);
}

async function fetchBranch(session: GitSession, ref: string | null, reporter: Reporter): Promise<Outcome<string>> {
	const options = ["--bare", "--depth=1", "--single-branch", "--no-tags", "--progress", ...(ref === null ? [] : [`--branch=${ref}`])];
	const cloned = await transfer(session, ["clone", ...options, "--", session.address.url, gitDir], reporter);
	return cloned.ok ? succeeded("HEAD") : cloned;
}

async function fetchExact(session: GitSession, ref: string, reporter: Reporter): Promise<Outcome<string>> {
	const created = await runInClone(session, ["git", "init", "--quiet", "--bare", gitDir]);
	if (!created.ok) return cloneFailure(created, session);
	const fetched = await transfer(
		session,
		["--git-dir", gitDir, "fetch", "--depth=1", "--no-tags", "--progress", "--", session.address.url, ref],
		reporter,
	);
	if (fetched.ok) return succeeded("FETCH_HEAD");
	if (fetched.failure.code !== "ref_not_found" || !isFullCommit(ref)) return fetched;
	return fetchWithHistory(session, ref, reporter);
}

/** For servers that do not hand out single commits, and for shortened commit ids: everything is fetched, within the limits. */
async function fetchWithHistory(session: GitSession, ref: string, reporter: Reporter): Promise<Outcome<string>> {
	const created = await runInClone(session, ["git", "init", "--quiet", "--bare", gitDir]);
	if (!created.ok) return cloneFailure(created, session);
	const everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
	const fetched = await transfer(session, ["--git-dir", gitDir, "fetch", "--progress", "--", session.address.url, ...everything], reporter);
	return fetched.ok ? succeeded(ref) : fetched;
}

async function transfer(session: GitSession, args: string[], reporter: Reporter): Promise<Outcome<null>> {
	const progress = new CloneProgress(reporter, session.request.limits.maxMb);
	const run = await runInClone(session, ["git", ...args], { network: true, progress });
	return run.ok && !run.tooLarge ? succeeded(null) : cloneFailure(run, session);
}

/** Writes the commit's files, unless they are more than the limits allow, and tells what they are. */
async function checkOut(session: GitSession, revision: string, reporter: Reporter): Promise<Outcome<Omit<CloneResult, "durationMs">>> {
	reporter.awaiting("the files to be written");
	const { maxFiles, maxMb } = session.request.limits;
	const maxBytes = maxMb * 1_000_000;
	const run = await runInClone(session, [checkoutProgram, revision, String(maxFiles), String(maxBytes)]);
	if (!run.ok) return cloneFailure(run, session);
	const said = (word: string) =>
		run.stdout
			.split("\n")
			.find((line) => line.startsWith(`${word} `))
			?.slice(word.length + 1) ?? "";
	const [files = 0, bytes = 0] = said("size").split(" ").map(Number);
	if (files === 0) return failed({ code: "repository_empty" });
	if (files > maxFiles) return tooLarge(`The repository has ${files} files; the limit is ${maxFiles}.`);
	if (bytes > maxBytes) return tooLarge(`The repository's files take ${Math.round(bytes / 1_000_000)} MB; the limit is ${maxMb} MB.`);
	reporter.progress(`Wrote ${files} ${files === 1 ? "file" : "files"}`, 100);
	const branch = /(?:^|, )HEAD -> refs\/heads\/([^,]+)/.exec(said("names"))?.[1] ?? null;
	return succeeded({ commit: said("commit"), subject: said("subject").slice(0, 500), branch, files, bytes });
}

async function requireDirectory(tree: string, directory: string | null): Promise<Outcome<null>> {
	if (directory === null || directory === "") return succeeded(null);
	const found = await openWorkspace(tree, directory).catch(() => null);
	if (found !== null) return succeeded(null);
	return failed({ code: "directory_not_found", message: `There is no directory “${directory}” in this repository.` });
}

const tooLarge = (message: string) => failed({ code: "repository_too_large", message });
const isFullCommit = (ref: string) => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(ref);
