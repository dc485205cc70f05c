import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../../lib/errors.ts";
import { commandText, type Outcome, type Plan, type ReleaseStatus, type Reporter, succeeded } from "../../../lib/protocol/index.ts";
import type { SandboxHost } from "../../exec/layout.ts";
import type { EgressPolicy } from "../../exec/sandbox.ts";
import type { AppEnd } from "../../exec/start-app.ts";
import { type ReleaseRecord, type ReleaseStore, releaseEnvPurpose } from "../../projects/release-store.ts";
import type { Encryption } from "../../secrets/encryption.ts";
import { type AppToolchain, appSpec } from "./app-spec.ts";
import { askOnce } from "./ask.ts";
import type { ReleaseFolders } from "./folders.ts";
import type { KnownReleases, StatusDetail } from "./known-releases.ts";
import { listeningPorts } from "./listening-ports.ts";
import type { LocalTiming, TargetLog, ToolchainUse } from "./options.ts";
import { lastAppLines } from "./rotating-log.ts";
import { openRunners, type Runners } from "./runners.ts";
import { type AppStatus, explainEnd } from "./supervisor.ts";

export interface AppsOptions {
	folders: ReleaseFolders;
	store: ReleaseStore;
	known: KnownReleases;
	encryption: Pick<Encryption, "open">;
	host: SandboxHost;
	egress: EgressPolicy;
	toolchain(plan: Plan, use: ToolchainUse): Promise<Outcome<AppToolchain>>;
	nodePath: string;
	timing: LocalTiming;
	log: TargetLog;
}

/** The apps of this node's releases, and what their status means for visitors. */
export interface Apps extends Pick<Runners, "ahead"> {
	/** Starts the app of a release under a new runner. Throws `sandbox_unavailable`, `disk_full`. */
	launch(release: ReleaseRecord, reporter: Reporter, signal: AbortSignal): Promise<Outcome<null>>;
	/** Connects to the app of a release that runs already; false when there is none. */
	adopt(releaseId: string): Promise<boolean>;
	/** Ends what was started ahead of a release that is not to be. */
	forgo(releaseId: string): void;
	/** Ends a release's app, with proof. */
	stop(releaseId: string): Promise<void>;
	/** True while the app runs, or is about to be started again. */
	isUp(releaseId: string): boolean;
	/** What the runner says; null without one. */
	status(releaseId: string): AppStatus | null;
	/** Ports its app listens on inside its sandbox; empty where that cannot be known. */
	listeningPorts(releaseId: string): Promise<number[]>;
	close(): void;
}

/** Runners that were lost in a row, this close together, mean that starting them again does not help. */
const maxLosses = 3;
const lossesWithinMs = 60_000;
const slowestLookMs = 2_000;

export function openApps(options: AppsOptions): Apps {
	const { folders, store, known, encryption, timing, log } = options;
	const losses = new Map<string, number[]>();
	const closing = new AbortController();
	const runners = openRunners(folders, { onStatus, onLost }, options.nodePath);

	/** A change of an app that visitors are sent to becomes the status of its release; others are being checked by a deployment. */
	function onStatus(id: string, status: AppStatus): void {
		if (status.phase === "stopped") record(id, "stopped", null);
		else if (status.phase === "crashed") recordCrash(id, status.end);
		else if (!known.isActive(id)) return;
		else if (status.phase === "waiting") record(id, "starting", status.end && `${explainEnd(status.end).message} It is started again.`);
		else if (known.get(id)?.status !== "live") void becomeLive(id, status.starts);
	}

	/** Waits for the first answer, whatever it is: the app was found good when it was deployed. */
	async function becomeLive(id: string, starts: number): Promise<void> {
		const release = known.get(id);
		if (!release) return;
		for (let pauseMs = 50; !closing.signal.aborted; pauseMs = Math.min(pauseMs * 2, slowestLookMs)) {
			const answer = await askOnce({
				socketPath: release.socketPath,
				path: "/",
				host: "localhost",
				timeoutMs: timing.requestMs,
				signal: closing.signal,
			});
			const now = runners.status(id);
			if (now?.phase !== "running" || now.starts !== starts || !known.isActive(id)) return;
			if (answer) return record(id, "live", null);
			await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
		}
	}

	function onLost(id: string): void {
		if (closing.signal.aborted || !known.isActive(id)) return;
		const now = performance.now();
		const recent = [...(losses.get(id) ?? []).filter((at) => now - at < lossesWithinMs), now];
		losses.set(id, recent);
		if (recent.length > maxLosses) {
			record(id, "crashed", "Its runner was ended from outside, again and again.");
			return;
		}
		log.warn({ release: id }, "a runner was lost; starting another one");
		record(id, "starting", "Its runner was ended from outside. It is started again.");
		void relaunch(id);
	}

	async function relaunch(id: string): Promise<void> {
		const silent: Reporter = { progress() {}, awaiting() {}, output() {} };
		try {
			// What the lost runner started may not have ended with it.
			await runners.stop(id);
			const launched = await launch(await store.get(id), silent, closing.signal);
			if (!launched.ok) record(id, "crashed", launched.failure.message ?? "It could not be started again.");
		} catch (error) {
			if (closing.signal.aborted) return;
			log.error({ release: id, error: (error as Error).message }, "an app could not be started again");
			record(id, "crashed", "It could not be started again.");
		}
	}

	/** A crash is told with the exit code and what the app said last. */
	function recordCrash(id: string, end: AppEnd | null): void {
		const { message, exitCode } = end ? explainEnd(end) : { message: "The app could not be started.", exitCode: null };
		const crash = lastAppLines(folders.of(id).log).then((lines) => ({ message, exitCode, lines }));
		record(id, "crashed", `${message} That happened too often: it is not started again.`, crash);
	}

	function record(id: string, status: ReleaseStatus, reason: string | null, crash: StatusDetail["crash"] = null): void {
		known
			.setStatus(id, status, { reason, crash })
			.catch((error: Error) => log.error({ release: id, status, error: error.message }, "the status of a release could not be recorded"));
	}

	async function launch(release: ReleaseRecord, reporter: Reporter, signal: AbortSignal): Promise<Outcome<null>> {
		const { id, plan } = release;
		const toolchain = await options.toolchain(plan, { releaseId: id, reporter, signal });
		if (!toolchain.ok) return toolchain;
		reporter.awaiting("the app to start");
		const env = JSON.parse(encryption.open(releaseEnvPurpose, id, release.env)) as Record<string, string>;
		const spec = appSpec({
			releaseId: id,
			plan,
			env,
			folder: folders.of(id),
			toolchain: toolchain.value,
			host: options.host,
			egress: options.egress,
			memoryMb: release.memoryMb,
			restarts: timing.restarts,
		});
		await runners.launch(id, spec);
		reporter.progress(`Started ${commandText(spec.run.argv)}`);
		return succeeded(null);
	}

	return {
		launch,
		adopt: runners.adopt,
		ahead: runners.ahead,
		forgo: runners.forgo,
		async stop(id) {
			const { left } = await runners.stop(id);
			if (left.length > 0)
				throw new AppError("internal", { detail: `processes ${left.join(", ")} of release ${id} survived being killed` });
		},
		isUp(id) {
			const phase = runners.status(id)?.phase;
			return phase === "running" || phase === "waiting";
		},
		status: runners.status,
		async listeningPorts(id) {
			const pid = runners.status(id)?.pid;
			// Without a sandbox these would be the ports of the whole machine.
			return pid && options.host.isolation === "bubblewrap" ? listeningPorts(pid) : [];
		},
		close() {
			closing.abort();
			runners.close();
		},
	};
}
