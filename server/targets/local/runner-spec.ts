import type { Launch } from "../../exec/launch.ts";
import type { SandboxHost } from "../../exec/layout.ts";
import type { RestartPolicy } from "./supervisor.ts";

/** All a runner needs to run one release. It travels by pipe and is never written anywhere: it holds the environment. */
export interface RunnerSpec {
	version: 1;
	host: SandboxHost;
	/** The app; its mark is the id of the release. `PORT` is set at each start. */
	run: Launch;
	/** Port the app listens on whatever `PORT` says; null where it follows `PORT`. */
	port: number | null;
	/** Folder for what each start of the app needs for itself. */
	runsDir: string;
	log: string;
	/** Size at which the log is rotated, in bytes. */
	logBytes: number;
	state: string;
	controlSocket: string;
	appSocket: string;
	/** Values that must not appear in the log. */
	hide: readonly string[];
	restarts: RestartPolicy;
}

export const restartPolicy: RestartPolicy = { firstDelayMs: 1_000, maxDelayMs: 30_000, maxRestarts: 5, stableMs: 60_000 };
