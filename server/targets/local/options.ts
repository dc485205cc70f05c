import type { Outcome, Plan, Reporter } from "../../../lib/protocol/index.ts";
import type { SandboxHost } from "../../exec/layout.ts";
import type { EgressPolicy } from "../../exec/sandbox.ts";
import type { ReleaseChange } from "../../projects/release-events.ts";
import type { openReleaseStore } from "../../projects/release-store.ts";
import type { Encryption } from "../../secrets/encryption.ts";
import type { AppToolchain } from "./app-spec.ts";
import type { HealthTiming } from "./health-check.ts";
import type { RestartPolicy } from "./supervisor.ts";

export interface LocalTargetOptions {
	home: string;
	nodeId: string;
	/** Database that holds the rows of the releases. */
	db: Parameters<typeof openReleaseStore>[0];
	encryption: Pick<Encryption, "seal" | "open">;
	/** How apps are confined on this machine. */
	host: SandboxHost;
	/** Where apps may connect to. */
	egress: EgressPolicy;
	/** The programs a plan is run with; fetched when they are not there yet. */
	toolchain(plan: Plan, use: ToolchainUse): Promise<Outcome<AppToolchain>>;
	/** Address of a project's preview. */
	previewUrl(slug: string): string;
	/** Node that runs the runners. */
	nodePath: string;
	/** Told of every change of a release's status, after it was recorded. */
	onChange(change: ReleaseChange): void;
	log: TargetLog;
	timing?: Partial<LocalTiming>;
}

export interface ToolchainUse {
	releaseId: string;
	reporter: Reporter;
	signal: AbortSignal;
}

export interface TargetLog {
	info(fields: object, text: string): void;
	warn(fields: object, text: string): void;
	error(fields: object, text: string): void;
}

export interface LocalTiming extends HealthTiming {
	/** How long a release that was replaced goes on in any case. */
	drainMs: number;
	/** How much longer it may finish answers that are not through by then. */
	answersMs: number;
	/** How an app that was healthy before is asked when it is started again. */
	again: Pick<HealthTiming, "stableMs" | "goodAnswers" | "pauseMs">;
	/** How long a visitor waits for an app that is asleep. */
	wakeMs: number;
	/** Length of the minutes after which apps fall asleep. */
	minuteMs: number;
	restarts: RestartPolicy;
}
