import { setTimeout as delay } from "node:timers/promises";
import type { Outcome } from "../../../lib/protocol/index.ts";
import type { FindRoute, PreviewRoute } from "../../projects/preview-route.ts";
import type { ReleaseStore } from "../../projects/release-store.ts";
import type { Apps } from "./apps.ts";
import { askOnce } from "./ask.ts";
import { type KnownRelease, type KnownReleases, routeTo } from "./known-releases.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import type { TargetLog } from "./options.ts";

export interface SleepOptions {
	store: Pick<ReleaseStore, "sleepers">;
	known: KnownReleases;
	apps: Pick<Apps, "stop" | "isUp">;
	inTurn: OneAtATime;
	/** Starts the app of a release. */
	start(releaseId: string, signal: AbortSignal): Promise<Outcome<null>>;
	/** How long a visitor waits for an app to wake. */
	wakeMs: number;
	/** For one answer of an app that wakes. */
	requestMs: number;
	/** Length of the minutes projects count in; shorter in tests. */
	minuteMs: number;
	log: TargetLog;
}

/** Apps that are stopped while nobody asks for them. */
export interface Sleep {
	/** Where a visitor is sent; wakes the app of the project if it is asleep, once for all who wait. */
	route: FindRoute;
	/** Puts to sleep what nobody asked for as long as its project says. */
	sweep(): Promise<void>;
	start(): void;
	close(): void;
}

const lookEveryMs = 15_000;
const pauseMs = 15;

export function createSleep({ store, known, apps, inTurn, start, wakeMs, requestMs, minuteMs, log }: SleepOptions): Sleep {
	const waking = new Map<string, Promise<PreviewRoute>>();
	let timer: NodeJS.Timeout | null = null;

	/** Marks it first: a visitor that comes while it stops waits and wakes it again. Nobody can come between the look and the mark. */
	async function fallAsleep(id: string, minutes: number): Promise<void> {
		const release = known.get(id);
		if (release?.status !== "live" || !known.isActive(id)) return;
		if (release.visitors.quietMs() < minutes * minuteMs) return;
		const says = `fell asleep: nobody asked for it for ${minutes === 1 ? "a minute" : `${minutes} minutes`}. The next visitor wakes it.`;
		await known.setStatus(id, "stopped", { asleep: true, says });
		await apps.stop(id);
	}

	function wake(release: KnownRelease): Promise<PreviewRoute> {
		const { id } = release;
		const woken = wakeUp(release)
			.catch((error: Error) => log.error({ release: id, error: error.message }, "an app could not be woken"))
			.then(() => routeTo(release))
			.finally(() => waking.delete(id));
		waking.set(id, woken);
		return woken;
	}

	async function wakeUp(release: KnownRelease): Promise<void> {
		const { id, socketPath } = release;
		const signal = AbortSignal.timeout(wakeMs);
		const started = await inTurn(id, async () => (release.asleep ? start(id, signal) : null));
		if (started && !started.ok) return;
		while (!signal.aborted && apps.isUp(id) && known.isActive(id)) {
			const answer = await askOnce({ socketPath, path: "/", host: "localhost", timeoutMs: requestMs, signal });
			if (answer && apps.isUp(id)) return known.setStatus(id, "live");
			await delay(pauseMs);
		}
	}

	async function sweep(): Promise<void> {
		for (const { id, minutes } of await store.sleepers()) await inTurn(id, () => fallAsleep(id, minutes));
	}

	return {
		route(slug, visit) {
			const release = known.active(slug);
			const found = known.route(slug, visit);
			if (!release) return found;
			return waking.get(release.id) ?? (release.asleep ? wake(release) : found);
		},
		sweep,
		start() {
			const look = (): void =>
				void sweep().catch((error: Error) => log.error({ error: error.message }, "idle apps could not be looked for"));
			timer = setInterval(look, lookEveryMs);
			timer.unref();
		},
		close() {
			if (timer) clearInterval(timer);
		},
	};
}
