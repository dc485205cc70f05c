import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Outcome, parseGitUrl, projectNameOf, type Reporter, succeeded, type WorkFailure } from "../../lib/protocol/index.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { cloneFailure } from "./clone-failure.ts";
import { CloneProgress } from "./clone-progress.ts";
import type { CloneRequest } from "./clone-request.ts";
import { type GitSession, gitDir, runGit } from "./git.ts";

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
	const partial = `${request.into}.partial`;
	await rm(partial, { recursive: true, force: true });
	try {
		for (const folder of ["tree", "home"]) await mkdir(join(partial, folder), { recursive: true });
		const session: GitSession = { request, address, sandbox, workDir: partial, deadlineAt: startedAt + request.limits.timeoutMs };
		reporter.progress(`Cloning ${projectNameOf(address.url)} from ${address.host}`);
		reporter.awaiting(`${address.host} to answer`);

		const revision = await fetchCommit(session, reporter);
		if (!revision.ok) return revision;
		const commit = await describeCommit(session, revision.value);
		if (!commit.ok) return commit;
		const size = await measureTree(session, commit.value.commit);
		if (!size.ok) return size;
		const files = await checkOut(session, commit.value.commit, size.value.files, reporter);
		if (!files.ok) return files;
		const folder = await requireDirectory(join(partial, "tree"), request.directory);
		if (!folder.ok) return folder;

		await rename(join(partial, "tree"), request.into);
		return succeeded({ ...commit.value, ...size.value, durationMs: Math.round(performance.now() - startedAt) });
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
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
	const created = await runGit(session, ["init", "--quiet", "--bare", gitDir]);
	if (!created.ok) return cloneFailure(created, session);
	const fetched = await transfer(
		session,
		inRepository("fetch", "--depth=1", "--no-tags", "--progress", "--", session.address.url, ref),
		reporter,
	);
	if (fetched.ok) return succeeded("FETCH_HEAD");
	if (fetched.failure.code !== "ref_not_found" || !isFullCommit(ref)) return fetched;
	return fetchWithHistory(session, ref, reporter);
}

/** For servers that do not hand out single commits, and for shortened commit ids: everything is fetched, within the limits. */
async function fetchWithHistory(session: GitSession, ref: string, reporter: Reporter): Promise<Outcome<string>> {
	const created = await runGit(session, ["init", "--quiet", "--bare", gitDir]);
	if (!created.ok) return cloneFailure(created, session);
	const everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
	const fetched = await transfer(session, inRepository("fetch", "--progress", "--", session.address.url, ...everything), reporter);
	return fetched.ok ? succeeded(ref) : fetched;
}

async function transfer(session: GitSession, args: string[], reporter: Reporter): Promise<Outcome<null>> {
	const progress = new CloneProgress(reporter, session.request.limits.maxMb);
	const run = await runGit(session, args, { network: true, progress });
	return run.ok ? succeeded(null) : cloneFailure(run, session);
}

async function describeCommit(session: GitSession, revision: string): Promise<Outcome<Pick<CloneResult, "commit" | "subject" | "branch">>> {
	const format = "--format=%H%n%D%n%s";
	const run = await runGit(
		session,
		inRepository("log", "-1", "--no-show-signature", "--decorate=full", format, `${revision}^{commit}`, "--"),
	);
	if (!run.ok) return cloneFailure(run, session, session.request.ref === null ? "repository_empty" : "ref_not_found");
	const [commit = "", names = "", subject = ""] = run.stdout.split("\n");
	const branch = /(?:^|, )HEAD -> refs\/heads\/([^,]+)/.exec(names)?.[1] ?? null;
	return succeeded({ commit, subject: subject.slice(0, 500), branch });
}

/** Adds up the files before any is written, so that a small pack cannot fill the disk. */
async function measureTree(session: GitSession, commit: string): Promise<Outcome<{ files: number; bytes: number }>> {
	const { maxFiles, maxMb } = session.request.limits;
	let files = 0;
	let bytes = 0;
	const onLine = (line: string) => {
		const size = /^\d+ \w+ [0-9a-f]+ +(\d+|-)/.exec(line)?.[1];
		if (size === undefined) return;
		files += 1;
		bytes += Number(size) || 0;
	};
	const run = await runGit(session, inRepository("ls-tree", "-r", "-l", "--full-tree", commit), { onLine });
	if (!run.ok) return cloneFailure(run, session);
	if (files > maxFiles) return tooLarge(`The repository has ${files} files; the limit is ${maxFiles}.`);
	if (bytes > maxMb * 1_000_000)
		return tooLarge(`The repository's files take ${Math.round(bytes / 1_000_000)} MB; the limit is ${maxMb} MB.`);
	if (files === 0) return { ok: false, failure: { code: "repository_empty" } };
	return succeeded({ files, bytes });
}

async function checkOut(session: GitSession, commit: string, files: number, reporter: Reporter): Promise<Outcome<null>> {
	reporter.progress(`Writing ${files} ${files === 1 ? "file" : "files"}`, 90);
	reporter.awaiting("the files to be written");
	const run = await runGit(session, inRepository("--work-tree=/workspace/tree", "checkout", "--force", "--quiet", "--detach", commit));
	return run.ok ? succeeded(null) : cloneFailure(run, session);
}

async function requireDirectory(tree: string, directory: string | null): Promise<Outcome<null>> {
	if (directory === null || directory === "") return succeeded(null);
	const outside = directory.split("/").includes("..");
	const found = outside ? null : await stat(join(tree, directory)).catch(() => null);
	if (found?.isDirectory()) return succeeded(null);
	return { ok: false, failure: { code: "directory_not_found", message: `There is no directory “${directory}” in this repository.` } };
}

function inRepository(...args: string[]): string[] {
	return [`--git-dir=${gitDir}`, ...args];
}

function tooLarge(message: string): { ok: false; failure: WorkFailure } {
	return { ok: false, failure: { code: "repository_too_large", message } };
}

const isFullCommit = (ref: string) => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(ref);
