import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatCount } from "../../lib/format.ts";
import { failed, type Outcome, parseGitUrl, projectNameOf, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { isDiskFull } from "../exec/disk-full.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { moveIntoPlace } from "../exec/tree-files.ts";
import type { CheckedOut } from "./check-out.ts";
import type { CloneRequest } from "./clone-request.ts";
import { fetchAndCheckOut } from "./fetch-commit.ts";
import type { GitSession } from "./git.ts";
import { gitPrograms, knownHostsFile, publicKeyFile } from "./git-environment.ts";
import { knownHostsText, readNewHosts, type SshAccess } from "./known-hosts.ts";
import { fetchLfs } from "./lfs.ts";
import { type Budget, fetchSubmodules, maxSubmodules } from "./submodules.ts";
import { requireDirectory } from "./workspace.ts";

export interface CloneResult extends CheckedOut {
	durationMs: number;
}

/** The bare repository and the files, relative to the working folder. */
const gitDir = "git";
const treeDir = "tree";

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
		await prepareFolder(partial, sandbox, request.ssh);
		const deadlineAt = startedAt + request.limits.timeoutMs;
		const session: GitSession = { request, address, sandbox, workDir: partial, gitDir, treeDir, deadlineAt };
		reporter.progress(`Cloning ${projectNameOf(address.url)} from ${address.host}`);
		reporter.awaiting(`${address.host} to answer`);

		const checkedOut = await fetchFiles(session, reporter);
		await request.ssh.pin(await readNewHosts(join(partial, "home", knownHostsFile), request.ssh.knownHosts));
		if (!checkedOut.ok) return checkedOut;
		const folder = await requireDirectory(join(partial, treeDir), request.directory, "repository");
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

/** Makes the working folder of a clone, with the small programs that git starts. */
export async function prepareFolder(partial: string, sandbox: Sandbox, ssh: SshAccess): Promise<void> {
	const home = join(partial, "home");
	await Promise.all([join(partial, treeDir), home].map((folder) => mkdir(folder, { recursive: true })));
	await Promise.all([
		...Object.entries(gitPrograms).map(([name, text]) => writeFile(join(home, name), text, { mode: 0o755 })),
		writeFile(join(home, knownHostsFile), knownHostsText(ssh.knownHosts)),
		ssh.key && writeFile(join(home, publicKeyFile), `${ssh.key.publicKey}\n`),
	]);
	await sandbox.prepareWritable(partial);
}

async function fetchFiles(session: GitSession, reporter: Reporter): Promise<Outcome<CheckedOut>> {
	const fetched = await fetchAndCheckOut(session, reporter);
	if (!fetched.ok) return fetched;
	const { revision, checkedOut } = fetched.value;
	const { files, bytes } = checkedOut;
	const { maxFiles, maxMb } = session.request.limits;
	const left: Budget = { files: maxFiles - files, mb: maxMb - bytes / 1_000_000, submodules: maxSubmodules };
	const lfs = await fetchLfs(session, reporter);
	if (!lfs.ok) return lfs;
	const submodules = await fetchSubmodules(session, revision, left, reporter);
	if (!submodules.ok) return submodules;
	const all = { files: maxFiles - left.files, bytes: Math.round((maxMb - left.mb) * 1_000_000) };
	reporter.progress(`Wrote ${formatCount(all.files, "file")}`, 100);
	return succeeded({ ...checkedOut, ...all });
}
