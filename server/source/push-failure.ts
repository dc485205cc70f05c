import type { ErrorCode } from "../../lib/errors.ts";
import { failed, type GitAddress, type WorkFailure } from "../../lib/protocol/index.ts";
import { cloneFailure } from "./clone-failure.ts";
import type { GitRun, GitSession } from "./git.ts";

/** True when the server was reached and has no such branch. */
export function isMissingBranch({ ok, tooLarge, errors }: GitRun): boolean {
	return !ok && !tooLarge && errors.some((line) => /couldn't find remote ref/.test(line));
}

/** The branch holds what was not pushed from here. */
export function otherHistory({ host }: Pick<GitAddress, "host">, branch: string): { ok: false; failure: WorkFailure } {
	return failed({ code: "push_rejected", message: `The branch “${branch}” on ${host} has commits that were not pushed from here.` });
}

/** Why a push came to nothing, as a person should read it. */
export function pushFailure(run: GitRun, session: GitSession): { ok: false; failure: WorkFailure } {
	const { request, address } = session;
	const text = [...run.errors, run.stdout].join("\n");
	if (/\[rejected\]/.test(text)) return otherHistory(address, request.ref ?? "");
	if (/\[remote rejected\]|hook declined|protected branch/i.test(text)) {
		const said = run.errors.filter((line) => /^remote: \S/.test(line)).map((line) => line.slice("remote: ".length).trim());
		const words = said.join(" ").slice(0, 300);
		return failed({ code: "push_refused", ...(words !== "" && { message: `${address.host} refused the push: “${words}”.` }) });
	}
	if (run.result.reason === "timeout")
		return failed({
			code: "repository_unreachable",
			message: `Pushing took longer than ${Math.round(request.limits.timeoutMs / 1000)} s.`,
			action: "Check that the git server is up, then push again. What has arrived there already is not pushed twice.",
		});
	const { failure } = cloneFailure(run, session);
	return failed({ ...failure, ...forWriting(failure.code, session) });
}

/** Who may clone may not push yet. */
function forWriting(code: ErrorCode, { request, address }: GitSession): Pick<WorkFailure, "message" | "action"> {
	if (code !== "repository_auth_failed" && code !== "repository_not_found") return {};
	const { key } = request.ssh;
	if (address.transport === "ssh")
		return {
			message: `${address.host} did not let Quayside write to this repository by ssh.`,
			...(key && { action: `Add this key to the repository as a deploy key that may write, then push again: ${key.publicKey}` }),
		};
	return code === "repository_auth_failed"
		? {
				message: "The git server did not let Quayside write to this repository.",
				action: "Give an access token that may write to it, and push again.",
			}
		: {
				message: "The repository was not found, or nobody may see it without an access token.",
				action: "Make the repository on the git server first, give an access token that may write to it, and push again.",
			};
}
