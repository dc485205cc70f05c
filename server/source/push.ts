import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failed, type GitAddress, type Outcome, parseGitUrl, succeeded } from "../../lib/protocol/index.ts";
import { isDiskFull } from "../exec/disk-full.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { prepareFolder } from "./clone.ts";
import type { CloneRequest } from "./clone-request.ts";
import { type GitSession, runInClone } from "./git.ts";
import { knownHostsFile, stageProgram, tipProgram } from "./git-environment.ts";
import { readNewHosts } from "./known-hosts.ts";
import { isMissingBranch, otherHistory, pushFailure } from "./push-failure.ts";

export interface PushRequest extends Pick<CloneRequest, "url" | "token" | "ssh" | "mark" | "allowPrivate" | "privateHosts" | "signal"> {
	/** Name of a branch, checked. */
	branch: string;
	/** All files of the new commit, by plain relative paths. */
	files: ReadonlyMap<string, string>;
	/** The message of the commit, without its last line. */
	message: string;
	/** A mark that nobody else can make, for a commit with these files on top of that one ("" for none). */
	sign(tree: string, parent: string): string;
	/** Absolute host path that does not exist yet; its parent does. */
	folder: string;
	timeoutMs: number;
}

export interface Pushed {
	/** What the branch is at now. */
	commit: string;
	/** True when it held these files already. */
	unchanged: boolean;
}

const gitDir = "git";
const treeDir = "tree";
const messageFile = "message";
const author = ["-c", "user.name=Quayside", "-c", "user.email=quayside@localhost"];
/** So that a small pack goes out with its length, which more servers take than one in chunks. */
const wholePacks = ["-c", `http.postBuffer=${16 * 1024 * 1024}`];
const maxTipMb = 100;
const trailer = "Quayside-Push:";

/**
 * Makes one commit of these files and pushes it to a branch: to a new one, or on top of a commit that was pushed from here before. Anything else
 * on the branch is never overwritten. Git runs in the sandbox, under the rules of a clone. Fails with `push_rejected`, `push_refused`
 * and what a clone fails with.
 */
export async function push(request: PushRequest, sandbox: Sandbox): Promise<Outcome<Pushed>> {
	const parsed = parseGitUrl(request.url);
	if (!parsed.ok) return parsed;
	const address = parsed.value;
	if (address.transport !== "https" && address.transport !== "http" && address.transport !== "ssh")
		return failed({ code: "invalid_url", message: "Only an https, http or ssh address can be pushed to." });
	try {
		await rm(request.folder, { recursive: true, force: true });
		const session = await openSession(request, address, sandbox);
		const pushed = await pushFrom(session, request);
		await request.ssh.pin(await readNewHosts(join(request.folder, "home", knownHostsFile), request.ssh.knownHosts));
		return pushed;
	} catch (error) {
		if (isDiskFull(error)) return failed({ code: "disk_full" });
		throw error;
	} finally {
		await rm(request.folder, { recursive: true, force: true });
	}
}

async function openSession(request: PushRequest, address: GitAddress, sandbox: Sandbox): Promise<GitSession> {
	const { folder, files, branch, timeoutMs } = request;
	await mkdir(folder);
	for (const [path, text] of files) {
		await mkdir(dirname(join(folder, treeDir, path)), { recursive: true });
		await writeFile(join(folder, treeDir, path), text, { flag: "wx" });
	}
	await prepareFolder(folder, sandbox, request.ssh);
	const limits = { maxMb: maxTipMb, maxFiles: Number.MAX_SAFE_INTEGER, timeoutMs };
	const clone: CloneRequest = { ...request, ref: branch, directory: null, into: folder, limits };
	return { request: clone, address, sandbox, workDir: folder, gitDir, treeDir, deadlineAt: performance.now() + timeoutMs };
}

async function pushFrom(session: GitSession, { branch, message, sign }: PushRequest): Promise<Outcome<Pushed>> {
	const online = (...args: string[]) => runInClone(session, ["git", ...wholePacks, "--git-dir", gitDir, ...args], { network: true });
	const ref = `refs/heads/${branch}`;
	const { url } = session.address;

	const staged = await runInClone(session, [stageProgram, gitDir, treeDir]);
	if (!staged.ok) return pushFailure(staged, session);
	const tree = staged.stdout.trim();
	const fetched = await online("fetch", "--quiet", "--depth=1", "--no-tags", "--", url, ref);
	if ((!fetched.ok || fetched.tooLarge) && !isMissingBranch(fetched)) return pushFailure(fetched, session);
	const looked = fetched.ok ? await runInClone(session, [tipProgram, gitDir]) : null;
	if (looked && !looked.ok) return pushFailure(looked, session);
	const tip = looked && readTip(looked.stdout);
	const parent = tip?.id ?? "";
	if (tip?.tree === tree) return succeeded({ commit: parent, unchanged: true });
	if (tip && !tip.message.includes(`${trailer} ${sign(tip.tree, tip.parents.join(" "))}`)) return otherHistory(session.address, branch);

	// Git has worked in this folder: nothing that lies there is followed or waited for.
	await writeFile(join(session.workDir, messageFile), `${message.trim()}\n\n${trailer} ${sign(tree, parent)}\n`, { flag: "wx" });
	const parents = parent === "" ? [] : ["-p", parent];
	const committed = await runInClone(session, [
		...["git", ...author, "--git-dir", gitDir, "commit-tree", tree, ...parents, "-F", messageFile],
	]);
	if (!committed.ok) return pushFailure(committed, session);
	const commit = committed.stdout.trim();
	const sent = await online("push", "--porcelain", "--no-verify", "--recurse-submodules=no", "--", url, `${commit}:${ref}`);
	return sent.ok ? succeeded({ commit, unchanged: false }) : pushFailure(sent, session);
}

/** What the program says of the newest commit of the branch. */
function readTip(text: string): { id: string; tree: string; parents: string[]; message: string } {
	const end = text.indexOf("\n\n");
	const head = end < 0 ? text : text.slice(0, end);
	const ids = (name: string) => [...head.matchAll(new RegExp(`^${name} ([0-9a-f]+)$`, "gm"))].map(([, id = ""]) => id);
	const [id = ""] = head.split("\n", 1);
	return { id, tree: ids("tree")[0] ?? "", parents: ids("parent"), message: end < 0 ? "" : text.slice(end + 2) };
}
