import type { GroupHost } from "./groups.ts";

/** Fixed places inside a sandbox. Where nothing is isolated, they are translated to the real ones. */
export const inside = {
	/** Writable and empty at the start; the run's `HOME`, unless a mount lies on it. */
	home: "/home/app",
	tmp: "/tmp",
	node: "/run/quayside/node",
	init: "/run/quayside/init.mjs",
	/** `node connect.mjs HOST PORT`: the proxy as a pair of pipes, for ssh's `ProxyCommand` and git's `core.gitProxy`. */
	connect: "/run/quayside/connect.mjs",
	/** The certificate authorities the operator added. */
	extraCa: "/run/quayside/extra-ca.pem",
	/** The system's authorities and the added ones, for tools that read one file. */
	caBundle: "/run/quayside/ca-bundle.pem",
	egress: "/run/quayside/egress",
	egressSocket: "/run/quayside/egress/egress.sock",
	/** Port on the sandbox's own loopback that leads to the egress proxy. */
	proxyPort: 3128,
} as const;

/**
 * For Node programs that pass much along and then end: a compiler thread that waits for the main thread to collect garbage, while that
 * waits for it to end, never ends (nodejs/node#54918). Without such threads it cannot.
 */
export const endingNode = ["--single-threaded"] as const;

/** Names under which bubblewrap's command line tells whose run this is (the attempt), and which one of it. */
export const markVariable = "QUAYSIDE_MARK";
export const runVariable = "QUAYSIDE_RUN";

/** What is known about this machine and how runs are confined on it. Plain JSON, so that a detached runner can be handed it. */
export interface SandboxHost {
	isolation: "bubblewrap" | "none";
	bwrap: string;
	/** util-linux `prlimit`, null where it is missing. */
	prlimit: string | null;
	/** Folder the sandbox user can reach, with everything below. */
	folder: string;
	node: string;
	/** Certificates: true when an extra authority was given. */
	extraCa: boolean;
	/** The unprivileged user that foreign code runs as; null when the platform itself is unprivileged. */
	user: { uid: number; gid: number } | null;
	/** How this machine lays out `/bin`, `/lib` and the like. */
	roots: readonly RootEntry[];
	/** Where the kernel can bound a run by itself; null or absent where it cannot. */
	groups?: GroupHost | null;
	/** True when system calls that no project needs are refused. Absent in what an older version wrote. */
	filtersCalls?: boolean;
	/** True when this bubblewrap can forbid further user namespaces inside. */
	disableUserns: boolean;
	/** Hard limits of the platform's own process, which a run cannot exceed. */
	hardLimits: { files: number; processes: number };
}

/** One entry of the root folder: a link into `/usr`, or a folder of its own. */
export type RootEntry = { path: string; linkTo: string } | { path: string; linkTo: null };

/** Files of `SandboxHost.folder`. */
export const files = {
	init: "init.mjs",
	connect: "connect.mjs",
	extraCa: "extra-ca.pem",
	caBundle: "ca-bundle.pem",
	passwd: "passwd",
	group: "group",
	hosts: "hosts",
	nsswitch: "nsswitch.conf",
	runs: "runs",
} as const;
