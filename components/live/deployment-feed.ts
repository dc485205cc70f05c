import { fold } from "#lib/deployment/fold.ts";
import type { DeploymentState, DeploymentView } from "#lib/deployment/state.ts";
import { createLogStore, type LogStore } from "#lib/live/log-store.ts";
import type { StreamHandlers } from "#lib/live/subscription.ts";
import type { Activity, StreamEvent } from "#lib/protocol/index.ts";

/** All that is known of a deployment on this page, at one moment. */
export interface LiveDeployment {
	state: DeploymentState;
	epoch: string;
	activity: Activity | null;
	/** Everything but the log, oldest first. */
	events: readonly StreamEvent[];
	/** Grows by itself; read it with `useSyncExternalStore(log.subscribe, log.version)`. */
	log: LogStore;
}

/** Folds the deployment's stream, from its first event, onto the view the server rendered. */
export interface DeploymentFeed {
	current(): LiveDeployment;
	handlers: StreamHandlers;
}

const maxEvents = 2000;

/** `onChange` is called whenever `current()` became another one. */
export function createDeploymentFeed(initial: DeploymentView, nextFrame: (work: () => void) => void, onChange: () => void): DeploymentFeed {
	const { epoch, activity, ...state } = initial;
	const log = createLogStore(nextFrame);
	let current: LiveDeployment = { state, epoch, activity, events: [], log };

	function change(part: Partial<LiveDeployment>): void {
		current = { ...current, ...part };
		onChange();
	}

	return {
		current: () => current,
		handlers: {
			onEvents(events) {
				for (const event of events) log.append(event);
				const others = events.filter((event) => event.type !== "log");
				// Events that the server's view already holds only fill the log and the list: the fold passes over them.
				const next = events.reduce(fold, current.state);
				change({ state: next, events: others.length > 0 ? [...current.events, ...others].slice(-maxEvents) : current.events });
			},
			onReset() {
				log.clear();
				change({ events: [] });
			},
			onSnapshot: (snapshot) => change({ state: snapshot as DeploymentState }),
			onActivity: (next) => change({ activity: next }),
			onEnd: () => change({ activity: null }),
		},
	};
}
