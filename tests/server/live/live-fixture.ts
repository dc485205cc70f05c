import { afterAll, afterEach, beforeAll } from "vitest";
import type { EventDraft, StreamEvent } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "./live-server.ts";

export interface LiveFixture {
	readonly database: TestDatabase;
	/** A server on the file's database; it ends with the test. */
	start(options?: Partial<LiveServerOptions>): Promise<LiveServer>;
	append(stream: string, drafts: readonly EventDraft[]): Promise<StreamEvent[]>;
	/** Called when the test ends, the newest first. */
	onEnd(end: () => unknown): void;
}

/** One database for a file of tests, and servers on it for each of them. */
export function liveServers(): LiveFixture {
	let database: TestDatabase | null = null;
	const ends: (() => unknown)[] = [];
	const opened = () => {
		if (!database) throw new Error("The database runs while tests do.");
		return database;
	};
	beforeAll(async () => {
		database = await startTestDatabase();
	});
	afterAll(() => database?.stop());
	afterEach(async () => {
		for (const end of ends.splice(0).reverse()) await end();
	});
	return {
		get database() {
			return opened();
		},
		async start(options = {}) {
			const server = await startLiveServer({ streams: opened().streams, ...options });
			ends.push(() => server.stop());
			return server;
		},
		append: (stream, drafts) => opened().streams.write((writer) => writer.append(stream, drafts)),
		onEnd: (end) => void ends.push(end),
	};
}

/** An event that says something, and many that say the same. */
export const sentence = (content = "A line."): EventDraft => ({ type: "system", content, metadata: { message_type: "info" } });
export const sentences = (count: number): EventDraft[] => Array.from({ length: count }, (_, index) => sentence(`line ${index}`));
