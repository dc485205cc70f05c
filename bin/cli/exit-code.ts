import type { DeploymentStatus } from "../../lib/protocol/index.ts";

/** What the process ends with; scripts rely on it. */
export const exitCode = {
	ok: 0,
	failed: 1,
	usage: 2,
	cancelled: 3,
	/** The person stopped watching; the deployment goes on. */
	detached: 130,
	/** Whoever read the output went away. */
	brokenPipe: 141,
} as const;

/** The exit code that tells how a deployment ended. */
export function exitCodeOf(status: DeploymentStatus): number {
	if (status === "succeeded") return exitCode.ok;
	return status === "cancelled" ? exitCode.cancelled : exitCode.failed;
}

/** Something the person typed cannot be used; the message says what. */
export class UsageError extends Error {}
