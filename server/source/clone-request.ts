import type { Secret } from "../secrets/secret.ts";
import type { SshAccess } from "./known-hosts.ts";

export interface CloneRequest {
	/** Address as the person gave it. */
	url: string;
	/** Branch, tag or commit; null for the default branch. */
	ref: string | null;
	/** Folder that must exist in the repository; null for its root. */
	directory: string | null;
	token: Secret | null;
	/** How git is let in by ssh, and whom it expects there. */
	ssh: SshAccess;
	/** Absolute host path that does not exist yet; its parent does. */
	into: string;
	/** Marks the processes of this attempt. */
	mark: string;
	limits: CloneLimits;
	/** Allows git servers on private addresses. */
	allowPrivate: boolean;
	/** Git servers that may lie on private addresses even so, lower case. */
	privateHosts?: readonly string[];
	signal: AbortSignal;
}

export interface CloneLimits {
	maxMb: number;
	maxFiles: number;
	timeoutMs: number;
}
