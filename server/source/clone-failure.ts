import type { ErrorCode } from "../../lib/errors.ts";
import type { WorkFailure } from "../../lib/protocol/index.ts";
import type { GitRun, GitSession } from "./git.ts";
import { knownHostOf } from "./known-hosts.ts";

/** What git says, in the order in which it is looked for, and what that means for people. */
const meanings: [RegExp, ErrorCode][] = [
	[/No space left on device/, "disk_full"],
	[/File too large|file size limit/i, "repository_too_large"],
	[
		/Authentication failed|returned error: 40[13]|HTTP 40[13]|Permission denied|Too many authentication failures|could not read Password|Host key verification failed/i,
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
	const { key, knownHosts } = request.ssh;
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
	if (/fsck error in packed object/.test(text))
		return fail(
			"invalid_url",
			"The repository holds something that git refuses as unsafe.",
			"Correct what the marked lines name, and retry.",
		);
	const code = meanings.find(([pattern]) => pattern.test(text))?.[1] ?? fallback;
	if (code === "ref_not_found" && request.ref === null) return fail("repository_empty");
	if (code === "ref_not_found") return fail(code, `There is no branch, tag or commit “${request.ref}” in this repository.`);
	const expected = knownHosts.find(({ host }) => host === knownHostOf(address))?.fingerprint;
	if (address.transport === "ssh" && /Host key verification failed/i.test(text) && expected !== undefined) {
		const shown = run.hostKeyShown ?? "another one";
		return fail("host_key_changed", `${address.host} showed the host key ${shown}; expected was ${expected}, which it had before.`);
	}
	if (address.transport === "ssh" && (code === "repository_auth_failed" || code === "repository_not_found")) {
		const refused = `${address.host} did not let Quayside read this repository by ssh.`;
		if (key) return fail(code, refused, `Add this key to the repository as a deploy key, then retry: ${key.publicKey}`);
		return fail(code, refused, "Make a deploy key on the project's Source page, add it to the repository and retry.");
	}
	if (code === "repository_auth_failed" && !request.token) return fail("repository_not_found");
	if (code === "repository_not_found" && request.token && /could not read Username/.test(text)) return fail("repository_auth_failed");
	return fail(code);
}
