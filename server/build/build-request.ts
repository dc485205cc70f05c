import type { Plan } from "../../lib/protocol/index.ts";

export interface BuildRequest {
	plan: Plan;
	/** Host folder of the repository's files; it is not changed. */
	sourceDir: string;
	/** Absolute host path of the result; it does not exist yet, its parent does. */
	outDir: string;
	/** Marks the processes of this attempt. */
	mark: string;
	/** The project's environment variables. */
	env: Readonly<Record<string, string>>;
	memoryMb: number;
	timeoutMs: number;
	signal: AbortSignal;
	/** Host folder of the project's caches, which this project alone uses. */
	cacheDir: string;
	/** Stands for `env` where it decides whether something kept still fits: a keyed hash of it. */
	envFingerprint: string;
	/** True for a build that must take nothing over from earlier ones but the package managers' stores. */
	fresh: boolean;
	/** Hosts that may be reached wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
}

export type BuildPhase = "toolchain" | "install" | "build" | "collect";
