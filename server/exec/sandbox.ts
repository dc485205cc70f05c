/**
 * Runs commands of other people's projects. What a run may see, reach and use is data (`SandboxRun`); how it is confined is
 * this folder's business alone.
 */

export interface Mount {
	/** Absolute path on the host, of a folder the platform made: a link that foreign code has put on the way would be followed. */
	host: string;
	/** Absolute path inside. */
	inside: string;
	writable: boolean;
}

export interface Limits {
	/** Bound on the memory of the whole tree, in MB (proportional set size). */
	memoryMb: number;
	/** Bound on processes and threads of the whole tree. */
	processes: number;
	/** Largest single file, in MB. */
	fileMb: number;
	/** Bound on what the folders that can be written hold together, in MB; `defaultDiskMb` unless said. */
	diskMb?: number | undefined;
	/** Wall clock, in ms. */
	timeoutMs: number;
	/** Bytes of output after which the run is ended; of what follows the very end is handed on, behind a line that says what was left out. */
	outputBytes: number;
}

export interface SandboxRun {
	/** Marks every process of the run, so that a later boot finds what a crash left behind: the attempt's id. */
	mark: string;
	/** Program and arguments; never a shell string of ours. */
	argv: readonly string[];
	/** Absolute path inside the sandbox. */
	cwd: string;
	mounts: readonly Mount[];
	/** The whole environment of the command: nothing of the platform's own is inherited. */
	env: Readonly<Record<string, string>>;
	/** `none`: no network but its own loopback. `egress`: out through the filtering proxy under this policy. */
	network: { mode: "none" } | { mode: "egress"; policy: EgressPolicy };
	limits: Limits;
	/** Aborting sends TERM to the tree, KILL after `killAfterMs` (default 5000). */
	signal: AbortSignal;
	killAfterMs?: number;
	/** Called for every chunk as it arrives; must not throw. While an answered promise waits, the command's pipe is not read. */
	onOutput?: (chunk: Buffer, from: "stdout" | "stderr") => void | Promise<void>;
	/** Bytes for the command's standard input, which is empty and closed otherwise. */
	stdin?: string;
}

/** Where a run may connect to. Names are resolved by the proxy, and the checked address is the one that is dialled. */
export interface EgressPolicy {
	/** Hosts (exact, lower case), or one port of a host as `host:port`, that may lie on private addresses: registries, allowed git servers. */
	allowPrivateHosts: readonly string[];
	/** True lifts the ban on private addresses altogether (`QUAYSIDE_ALLOW_PRIVATE_GIT`, for clones only). */
	allowPrivate: boolean;
}

/** Enough for what builds download and write; far less than fills a disk. */
export const defaultDiskMb = 10 * 1024;

/**
 * Why a run ended. `processes`: the tree had more processes than it may and the kernel could not bound them. `disk`: it wrote
 * more than it may. `disk_full`: it was ended so that the machine keeps the last of its free space.
 */
export type EndReason = "exited" | "aborted" | "timeout" | "memory" | "processes" | "output" | "disk" | "disk_full";

export interface SandboxResult {
	reason: EndReason;
	/** As a shell reports it: 128 + n when signal n ended the command. Null when the run was ended from outside. */
	exitCode: number | null;
	/** The signal that ended the command or its whole sandbox, when there was one; null when Quayside ended it. */
	signal: NodeJS.Signals | null;
	durationMs: number;
	/** Highest memory of the tree that was seen, in MB. */
	peakMemoryMb: number;
	/** Addresses the proxy refused, for a clear message: "169.254.169.254:80". */
	refused: string[];
	proof: KillProof;
}

/** What ending a tree of processes found. `left` is empty unless something survived SIGKILL. */
export interface KillProof {
	/** Processes that were running when the end was asked for. */
	stopped: number;
	durationMs: number;
	left: number[];
}

export interface Sandbox {
	/** How runs are confined here: `bubblewrap`, or `none` where an admin allowed it. */
	readonly isolation: "bubblewrap" | "none";
	/** Carries out one run to its end. Resolves also for a failing command; throws `sandbox_unavailable`, `disk_full`. */
	run(run: SandboxRun): Promise<SandboxResult>;
	/** Ends every process that carries the mark (left by a crash) and proves it. */
	endMarked(mark: string): Promise<KillProof>;
	/** Makes a folder, if it is not there, and gives it with all it holds to the user that runs are carried out as. */
	prepareWritable(dir: string): Promise<void>;
}
