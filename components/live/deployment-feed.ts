import { fold, isPart } from "#lib/deployment/fold.ts";
import type { DeploymentState, DeploymentView } from "#lib/deployment/state.ts";
import { createLogStore, type LogStore, type ReadLogPage } from "#lib/live/log-store.ts";
import type { StreamHandlers } from "#lib/live/subscription.ts";
import type { Activity, LogEntry, StreamEvent } from "#lib/protocol/index.ts";

/** All that is known of a deployment on this page, at one moment. */
export interface LiveDeployment {
	state: DeploymentState;
	/** Empty while it is not known: the log is another one than the page began with. */
	epoch: string;
	activity: Activity | null;
	/** Everything but the log and parts of messages that came after `since`, oldest first. What is older is read in pages. */
	events: readonly StreamEvent[];
	/** `log` counts the logs this page has seen, for a seq means nothing in another one. */
	since: { log: number; seq: number };
	/** Grows by itself; read it with `useSyncExternalStore(log.subscribe, log.version)`. */
	log: LogStore;
}

/** Folds what comes after the view that the server rendered onto it. */
export interface DeploymentFeed {
	current(): LiveDeployment;
	subscribe(listener: () => void): () => void;
	/** Where the stream goes on. */
	cursor(): { epoch: string | null; after: number };
	handlers: StreamHandlers;
}

export interface FeedOptions {
	initial: DeploymentView;
	/** The newest lines, as the server rendered them with the view. */
	lines: readonly LogEntry[];
	readLog: ReadLogPage;
	nextFrame: (work: () => void) => void;
	/** Runs its argument a little later: changes of the log alone are told together. */
	later: (work: () => void) => void;
}

const maxEvents = 2000;
/** Dropping makes the list read a page anew, so it is done in large steps. */
const keptEvents = 1000;

export function createDeploymentFeed({ initial, lines, readLog, nextFrame, later }: FeedOptions): DeploymentFeed {
	const { epoch, activity, ...state } = initial;
	const listeners = new Set<() => void>();
	const log = createLogStore({ schedule: nextFrame, read: readLog, last: state.logLines, lines });
	let latest: LiveDeployment = { state, epoch, activity, events: [], since: { log: 0, seq: state.lastSeq }, log };
	let told = latest;
	let scheduled = false;

	function tell(): void {
		scheduled = false;
		if (told === latest) return;
		told = latest;
		for (const listener of [...listeners]) listener();
	}

	function change(part: Partial<LiveDeployment>): void {
		latest = { ...latest, ...part };
		tell();
	}

	return {
		current: () => told,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		cursor: () => ({ epoch: latest.epoch || null, after: latest.state.lastSeq }),
		handlers: {
			onEvents(events) {
				for (const event of events) log.append(event);
				const others = events.filter((event) => event.type !== "log" && !isPart(event));
				const next = events.reduce(fold, latest.state);
				if (others.length > 0) return change({ state: next, ...withEvents(latest, others) });
				// Words of an agent are shown as they come.
				if (events.some(isPart)) return change({ state: next });
				latest = { ...latest, state: next };
				if (!scheduled) later(tell);
				scheduled = true;
			},
			onReset() {
				log.restart(0);
				change({ epoch: "", events: [], since: { log: latest.since.log + 1, seq: 0 } });
			},
			onSnapshot(snapshot, seq) {
				const state = snapshot as DeploymentState;
				log.restart(state.logLines);
				change({ state, events: [], since: { ...latest.since, seq } });
			},
			onActivity: (next) => change({ activity: next }),
			onEnd: () => change({ activity: null }),
		},
	};
}

function withEvents({ events, since }: LiveDeployment, more: readonly StreamEvent[]): Pick<LiveDeployment, "events" | "since"> {
	const all = [...events, ...more];
	if (all.length <= maxEvents) return { events: all, since };
	const kept = all.slice(-keptEvents);
	return { events: kept, since: { ...since, seq: (kept[0]?.seq ?? 1) - 1 } };
}
