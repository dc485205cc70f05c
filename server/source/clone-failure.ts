import type { ErrorCode } from "../../lib/errors.ts";
import type { WorkFailure } from "../../lib/protocol/index.ts";
import type { GitRun, GitSession } from "./git.ts";

/** What git says, in the order in which it is looked for, and what that means for people. */
const meanings: [RegExp, ErrorCode][] = [
	[/No space left on device/, "disk_full"],
	[/File too large|file size limit/i, "repository_too_large"],
	[
		/Authentication failed|returned error: 40[13]|HTTP 40[13]|Permission denied|could not read Password|Host key verification failed/i,
		"repository_auth_failed",
	],
	[
		/Remote branch .* not found|couldn't find remote ref|unadvertised object|not our ref|unknown revision|bad revision|ambiguous argument/i,
		"ref_not_found",
	],
	[
		/could not read Username|repository .* not found|Repository not found|returned error: 404|does not appear to be a git repository|not exported|no such repository|is this a git repository/i,
		"repository_not_found",
	],
];

/** Why a git command failed, as a person should read it. `fallback` is what a plain failure of this command means. */
export function cloneFailure(
	run: GitRun,
	{ request, address }: GitSession,
	fallback: ErrorCode = "repository_unreachable",
): { ok: false; failure: WorkFailure } {
	const { result, errors } = run;
	const lines = errors.slice(-15);
	const fail = (code: ErrorCode, message?: string, action?: string) => ({
		ok: false as const,
		failure: { code, lines, ...(message && { message }), ...(action && { action }) },
	});

	if (run.tooLarge) return fail("repository_too_large", `The repository is larger than the limit of ${request.limits.maxMb} MB.`);
	if (result.reason === "aborted") return fail("cancelled");
	if (result.refused.length > 0)
		return fail("private_address", `${address.host} leads to a private network (${result.refused[0]}), which is not allowed.`);
	if (result.reason === "timeout")
		return fail("stage_timeout", `Cloning took longer than ${Math.round(request.limits.timeoutMs / 1000)} s.`);
	if (result.reason === "memory") return fail("out_of_memory", "Git used more memory than it may for this repository.");

	const text = errors.join("\n");
	const code = meanings.find(([pattern]) => pattern.test(text))?.[1] ?? fallback;
	if (code === "ref_not_found" && request.ref === null) return fail("repository_empty");
	if (code === "ref_not_found") return fail(code, `There is no branch, tag or commit “${request.ref}” in this repository.`);
	if (code === "repository_auth_failed" && address.transport === "ssh") {
		return fail(
			code,
			"The git server refused the SSH connection: Quayside has no key for it.",
			"Use the https address of the repository, with an access token.",
		);
	}
	if (code === "repository_auth_failed" && !request.token) return fail("repository_not_found");
	if (code === "repository_not_found" && request.token && /could not read Username/.test(text)) return fail("repository_auth_failed");
	return fail(code);
}
