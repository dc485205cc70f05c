import type { Kysely } from "kysely";
import { streamOf } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { Streams } from "../streams/streams.ts";

const refreshMs = 1500;

/**
 * Tells waiting deployments how many go before them: as activity while they wait, and as `queue_changed` in their owner's
 * stream when the number changes. Does nothing while nothing waits.
 */
export function watchQueue({
	db,
	streams,
	reportError,
}: {
	db: Kysely<Schema>;
	streams: Streams;
	reportError: (error: unknown, context: Record<string, string>) => string;
}): { stop(): Promise<void> } {
	const told = new Map<string, number>();
	let waiting = true;
	let refreshing: Promise<void> = Promise.resolve();

	async function refresh(): Promise<void> {
		const open = await openDeployments(db);
		const queued = open.filter(({ status }) => status === "queued");
		waiting = queued.length > 0;
		for (const id of told.keys()) if (!queued.some((row) => row.id === id)) told.delete(id);
		for (const row of queued) {
			const ahead = open.findIndex(({ id }) => id === row.id);
			sayWaiting(row.id, row.created_at, ahead);
			if (told.get(row.id) === ahead) continue;
			told.set(row.id, ahead);
			const content = ahead === 0 ? "Next in line." : `${ahead} ${ahead === 1 ? "deployment is" : "deployments are"} ahead.`;
			await streams.write(({ append }) =>
				append(streamOf.user(row.owner_id), [{ type: "queue_changed", content, metadata: { deployment: row.id, ahead } }], {
					deploymentId: row.id,
				}),
			);
		}
	}

	function sayWaiting(id: string, since: Date, ahead: number): void {
		const awaiting = ahead === 0 ? "a free place to build" : `${ahead} ${ahead === 1 ? "deployment" : "deployments"} ahead in the queue`;
		streams.activity.set({
			deployment_id: id,
			stage: null,
			agent_name: null,
			awaiting,
			since: since.toISOString(),
			last_output_at: null,
			ahead,
			at: new Date().toISOString(),
		});
	}

	const run = (): void => {
		refreshing = refreshing.then(refresh).catch((error: unknown) => void reportError(error, { part: "queue positions" }));
	};
	const stopWatching = streams.onGrowth((stream) => {
		if (stream.startsWith("user/")) waiting = true;
	});
	const timer = setInterval(() => {
		if (waiting) run();
	}, refreshMs);
	return {
		async stop() {
			clearInterval(timer);
			stopWatching();
			await refreshing;
		},
	};
}

/** Deployments that run or wait, in the order in which they get their turn. */
export async function openDeployments(db: Kysely<Schema>): Promise<{ id: string; owner_id: string; status: string; created_at: Date }[]> {
	return db
		.selectFrom("deployments")
		.select(["id", "owner_id", "status", "created_at"])
		.where("finished_at", "is", null)
		.where("status", "in", ["queued", "running"])
		.orderBy((order) => order.case().when("status", "=", "running").then(0).else(1).end())
		.orderBy("id")
		.limit(1000)
		.execute();
}
