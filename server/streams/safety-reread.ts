import { type Kysely, sql } from "kysely";
import type { Logger } from "pino";
import { isConnectionBroken } from "../db/broken.ts";
import type { Schema } from "../db/schema.ts";
import type { Doorbell } from "./doorbell.ts";

/**
 * Announcements between nodes are quick but can get lost. Every few seconds this compares the watched streams with what it saw
 * last, and rings for those that moved.
 */
export function startSafetyReread(
	db: Kysely<Schema>,
	doorbell: Doorbell,
	log: Logger,
	everyMs: number,
): { now(): void; stop(): Promise<void> } {
	let seen = new Map<string, string>();
	let running: Promise<void> | null = null;
	let isAskedAgain = false;

	const look = async () => {
		const names = [...doorbell.watchedStreams()];
		if (names.length === 0) return;
		const rows = await db.selectFrom("streams").select(["name", "last_seq", "closed"]).where(sql<boolean>`name = any(${names})`).execute();
		const before = seen;
		seen = new Map(rows.map((row) => [row.name, `${row.last_seq} ${row.closed}`]));
		for (const row of rows) if (before.get(row.name) !== seen.get(row.name)) doorbell.ring(row.name, row.last_seq);
	};
	const now = () => {
		// The look under way may have passed over what the caller means.
		if (running) isAskedAgain = true;
		running ??= look()
			.catch((err) => {
				if (!isConnectionBroken(err)) log.error({ err }, "the re-read of watched streams failed");
			})
			.finally(() => {
				running = null;
				if (!isAskedAgain) return;
				isAskedAgain = false;
				now();
			});
	};
	const timer = setInterval(now, everyMs);
	timer.unref();
	return {
		now,
		async stop() {
			clearInterval(timer);
			while (running) await running;
		},
	};
}
