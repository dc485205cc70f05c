import { type Outcome, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { type CheckedOut, checkOut, placesAndLimits, readCheckOut } from "./check-out.ts";
import { cloneFailure } from "./clone-failure.ts";
import { CloneProgress } from "./clone-progress.ts";
import { type GitSession, runInClone } from "./git.ts";
import { cloneProgram } from "./git-environment.ts";

/** Brings the commit that a session asks for into its folder, files and all; also answers the revision that names it in the bare repository. */
export async function fetchAndCheckOut(
	session: GitSession,
	reporter: Reporter,
): Promise<Outcome<{ revision: string; checkedOut: CheckedOut }>> {
	const { ref } = session.request;
	if (namesBranch(ref)) {
		// One sandbox for both, because the start of each is what takes the time of a small repository.
		const progress = new CloneProgress(reporter, session.request.limits.maxMb);
		const argv = [cloneProgram, ...placesAndLimits(session), ...cloneArguments(session, ref)];
		const checkedOut = readCheckOut(session, await runInClone(session, argv, { network: true, progress }));
		return checkedOut.ok ? succeeded({ revision: "HEAD", checkedOut: checkedOut.value }) : checkedOut;
	}
	const revision = await fetchCommit(session, reporter);
	if (!revision.ok) return revision;
	const checkedOut = await checkOut(session, revision.value, reporter);
	return checkedOut.ok ? succeeded({ revision: revision.value, checkedOut: checkedOut.value }) : checkedOut;
}

/** True for what can only be a branch or a tag. */
function namesBranch(ref: string | null): boolean {
	return ref === null || !(isFullCommit(ref) || isShortCommit(ref) || ref.startsWith("refs/"));
}

/** Brings the commit that a session asks for into its bare repository; answers the revision that names it there. */
async function fetchCommit(session: GitSession, reporter: Reporter): Promise<Outcome<string>> {
	const { ref } = session.request;
	if (ref !== null && (isFullCommit(ref) || ref.startsWith("refs/"))) return fetchExact(session, ref, reporter);
	const branch = await fetchBranch(session, ref, reporter);
	if (branch.ok || branch.failure.code !== "ref_not_found" || ref === null || !isShortCommit(ref)) return branch;
	return fetchWithHistory(session, ref, reporter);
}

async function fetchBranch(session: GitSession, ref: string | null, reporter: Reporter): Promise<Outcome<string>> {
	const cloned = await transfer(session, ["clone", ...cloneArguments(session, ref)], reporter);
	return cloned.ok ? succeeded("HEAD") : cloned;
}

function cloneArguments({ address, gitDir }: GitSession, ref: string | null): string[] {
	const branch = ref === null || ref === "" || ref === "HEAD" ? [] : [`--branch=${ref}`];
	return ["--bare", "--depth=1", "--single-branch", "--no-tags", "--progress", ...branch, "--", address.url, gitDir];
}

async function fetchExact(session: GitSession, ref: string, reporter: Reporter): Promise<Outcome<string>> {
	const created = await runInClone(session, ["git", "init", "--quiet", "--bare", session.gitDir]);
	if (!created.ok) return cloneFailure(created, session);
	const fetched = await transfer(
		session,
		["--git-dir", session.gitDir, "fetch", "--depth=1", "--no-tags", "--progress", "--", session.address.url, ref],
		reporter,
	);
	if (fetched.ok) return succeeded("FETCH_HEAD");
	if (fetched.failure.code !== "ref_not_found" || !isFullCommit(ref)) return fetched;
	return fetchWithHistory(session, ref, reporter);
}

/** For servers that do not hand out single commits, and for shortened commit ids: everything is fetched, within the limits. */
async function fetchWithHistory(session: GitSession, ref: string, reporter: Reporter): Promise<Outcome<string>> {
	const created = await runInClone(session, ["git", "init", "--quiet", "--bare", session.gitDir]);
	if (!created.ok) return cloneFailure(created, session);
	const everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
	const fetched = await transfer(
		session,
		["--git-dir", session.gitDir, "fetch", "--progress", "--", session.address.url, ...everything],
		reporter,
	);
	return fetched.ok ? succeeded(ref) : fetched;
}

async function transfer(session: GitSession, args: string[], reporter: Reporter): Promise<Outcome<null>> {
	const progress = new CloneProgress(reporter, session.request.limits.maxMb);
	const run = await runInClone(session, ["git", ...args], { network: true, progress });
	return run.ok && !run.tooLarge ? succeeded(null) : cloneFailure(run, session);
}

const isShortCommit = (ref: string) => /^[0-9a-f]{7,39}$/i.test(ref);

/** True for a commit id that is written out. */
export const isFullCommit = (ref: string) => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(ref);
