import { type Kysely, sql } from "kysely";
import { nextStage } from "../../lib/deployment/decide.ts";
import { isAppError } from "../../lib/errors.ts";
import type { Schema } from "../db/schema.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import type { Streams } from "../streams/streams.ts";
import type { Ledger } from "./ledger.ts";

export interface RecoveryOptions {
	db: Kysely<Schema>;
	streams: Streams;
	ledger: Ledger;
	sandbox: Sandbox;
	nodeId: string;
	/** Unique to this start of the process. */
	bootId: string;
	nodeName: string;
	/** Attempts that run in this process right now. */
	running: () => readonly string[];
	/** Open deployments that one look reads. */
	pageSize?: number;
	reportError: (error: unknown, context: Record<string, string>) => string;
}

const sweepMs = 5000;
const leaseMs = 15_000;
/** A deployment that should move but has not for this long gets its job again. */
const stuckAfterMs = 10_000;
const defaultPageSize = 200;

/**
 * Finds attempts that nobody carries out any more (this node's own from before a crash, and those of nodes whose lease ran
 * out), proves their processes gone, and lets their deployments go on.
 */
export function createRecovery(options: RecoveryOptions): { start(): Promise<void>; stop(): Promise<void> } {
	const { db, streams, ledger, nodeId } = options;
	let timer: NodeJS.Timeout | null = null;
	let sweeping: Promise<void> = Promise.resolve();

	/** Where the next look at open deployments begins: each look takes a page, and the pages go round. */
	let lookedAt = "";

	async function sweep(): Promise<void> {
		await renewLease();
		for (const attempt of await orphans()) await endOrphan(attempt);
		for (const id of await nextStuck(stuckAfterMs)) await reschedule(id);
	}

	async function takeUpEverything(): Promise<void> {
		await sweep();
		lookedAt = "";
		do {
			for (const id of await nextStuck(0)) await reschedule(id);
		} while (lookedAt !== "");
	}

	async function renewLease(): Promise<void> {
		const lease = { name: options.nodeName, boot: options.bootId, lease_until: sql<Date>`now() + ${leaseMs} * interval '1 millisecond'` };
		await db
			.insertInto("nodes")
			.values({ id: nodeId, ...lease })
			.onConflict((conflict) => conflict.column("id").doUpdateSet(lease))
			.execute();
	}

	async function orphans(): Promise<{ id: string; deployment_id: string; fence: number; node_id: string }[]> {
		const open = await db
			.selectFrom("attempts")
			.leftJoin("nodes", "nodes.id", "attempts.node_id")
			.select(["attempts.id", "attempts.deployment_id", "attempts.fence", "attempts.node_id"])
			.where("attempts.ended_at", "is", null)
			.where((where) =>
				where.or([
					where("attempts.node_id", "=", nodeId),
					where("nodes.lease_until", "<", sql<Date>`now()`),
					where("nodes.id", "is", null),
				]),
			)
			.execute();
		const running = new Set(options.running());
		return open.filter(({ id }) => !running.has(id));
	}

	async function endOrphan(attempt: { id: string; deployment_id: string; fence: number; node_id: string }): Promise<void> {
		const stopped = attempt.node_id === nodeId ? (await options.sandbox.endMarked(attempt.id)).stopped : 0;
		try {
			await ledger.apply(
				attempt.deployment_id,
				{ type: "lose", fence: attempt.fence, processes: stopped, reference: attempt.id },
				{ once: { attempt: attempt.id, key: "end" } },
			);
		} catch (error) {
			if (!isAppError(error) || error.status >= 500) throw error;
		}
		await db.updateTable("attempts").set({ ended_at: new Date() }).where("id", "=", attempt.id).execute();
	}

	/** Of the next page of open deployments those that neither run nor wait for a person, and in which nothing has happened for a while. */
	async function nextStuck(forMs: number): Promise<string[]> {
		const rows = await db
			.selectFrom("deployments")
			.select(["id", "state"])
			.where("finished_at", "is", null)
			.where("status", "in", ["queued", "running"])
			.where("id", ">", lookedAt)
			.orderBy("id")
			.limit(options.pageSize ?? defaultPageSize)
			.execute();
		lookedAt = rows.length < (options.pageSize ?? defaultPageSize) ? "" : (rows.at(-1)?.id ?? "");
		const now = Date.now();
		const before = new Date(now - forMs).toISOString();
		const present = new Date(now).toISOString();
		// What happened in the future did so before the clock was set back; to schedule once too often is harmless.
		return rows
			.filter(
				({ state }) =>
					(state.lastEventAt < before || state.lastEventAt > present) && !state.stages.some(({ status }) => status === "running"),
			)
			.map(({ id }) => id);
	}

	async function reschedule(id: string): Promise<void> {
		await streams.write(async (writer) => {
			const row = await writer.trx.selectFrom("deployments").select("state").where("id", "=", id).forUpdate().executeTakeFirst();
			const stage = row ? nextStage(row.state) : null;
			if (row && stage) await ledger.schedule(writer, row.state, { stage, fence: row.state.fence + 1 });
		});
	}

	const guarded = (): Promise<void> => sweep().catch((error: unknown) => void options.reportError(error, { part: "recovery" }));

	return {
		/** Resolves when everything left from before was taken up. */
		async start() {
			await takeUpEverything();
			timer = setInterval(() => {
				sweeping = sweeping.then(guarded);
			}, sweepMs);
		},
		async stop() {
			if (timer) clearInterval(timer);
			await sweeping;
		},
	};
}
