import type { Activity } from "#lib/protocol/index.ts";
import type { ActivityBoard } from "./streams.ts";

export const activityLifetimeMs = 30_000;

/** What a change of the board sends to the other nodes. */
export interface ActivityNews {
	set(activity: Activity): void;
	clear(deploymentId: string): void;
}

/** The board of this node: `news` carries its own changes to others, `hear` and `forget` apply those of others. */
export function createActivityBoard(news: ActivityNews, onError: (error: unknown) => void, now: () => number = () => performance.now()) {
	const entries = new Map<string, { activity: Activity; heardAt: number }>();
	const listeners = new Set<(activity: Activity) => void>();

	const hear = (activity: Activity) => {
		const known = entries.get(activity.deployment_id);
		// More than its lifetime apart, a clock was set back, and the newest word is the one that came last.
		const older = known ? Date.parse(known.activity.at) - Date.parse(activity.at) : 0;
		if (older > 0 && older < activityLifetimeMs) return;
		entries.set(activity.deployment_id, { activity, heardAt: now() });
		for (const listener of listeners) {
			try {
				listener(activity);
			} catch (error) {
				onError(error);
			}
		}
	};
	const forget = (deploymentId: string) => {
		entries.delete(deploymentId);
	};
	const sweep = () => {
		for (const [id, entry] of entries) if (now() - entry.heardAt > activityLifetimeMs) entries.delete(id);
	};
	const board: ActivityBoard = {
		set(activity) {
			hear(activity);
			news.set(activity);
		},
		clear(deploymentId) {
			forget(deploymentId);
			news.clear(deploymentId);
		},
		get(deploymentId) {
			const entry = entries.get(deploymentId);
			return entry && now() - entry.heardAt <= activityLifetimeMs ? entry.activity : null;
		},
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	return { board, hear, forget, sweep };
}
