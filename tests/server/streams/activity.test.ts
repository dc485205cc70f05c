import { afterAll, beforeAll, expect, it } from "vitest";
import type { Activity } from "#lib/protocol/index.ts";
import { activityLifetimeMs, createActivityBoard } from "#server/streams/activity.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let test: TestDatabase;
let other: Streams;

beforeAll(async () => {
	test = await startTestDatabase();
	other = await openStreams({ db: test.db, connection: test.connection, log: silentLog });
});
afterAll(async () => {
	await other.stop();
	await test.stop();
});

function activityOf(deploymentId: string, awaiting: string, at = new Date().toISOString()): Activity {
	return { deployment_id: deploymentId, stage: "build", agent_name: "Tester", awaiting, since: at, last_output_at: null, ahead: null, at };
}

async function until(look: () => boolean): Promise<void> {
	const deadline = Date.now() + 10_000;
	while (!look()) {
		if (Date.now() > deadline) throw new Error("it did not happen in time");
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

it("is known here at once and on another node soon, until it is cleared", async () => {
	const heard: string[] = [];
	const stop = test.streams.activity.onChange((activity) => heard.push(activity.awaiting));
	// The other node may still be connecting: what is going on is said again and again.
	await until(() => {
		test.streams.activity.set(activityOf("d1", "npm"));
		return other.activity.get("d1")?.awaiting === "npm";
	});
	expect(test.streams.activity.get("d1")?.awaiting).toBe("npm");
	expect(heard[0]).toBe("npm");
	stop();
	test.streams.activity.clear("d1");
	expect(test.streams.activity.get("d1")).toBeNull();
	await until(() => other.activity.get("d1") === null);
});

it("shares many long ones in several messages", async () => {
	const ids = Array.from({ length: 100 }, (_, index) => `long-${index}`);
	await until(() => {
		for (const id of ids) test.streams.activity.set(activityOf(id, "ü".repeat(2000)));
		return ids.every((id) => other.activity.get(id) !== null);
	});
	expect(other.activity.get("long-99")?.awaiting.length).toBe(500);
	expect(test.streams.activity.get("long-99")?.awaiting.length).toBe(2000);
});

it("is forgotten after 30 s without news, and older news does not replace newer", () => {
	let now = 0;
	const quiet = { set: () => undefined, clear: () => undefined };
	const { board, hear, sweep } = createActivityBoard(
		quiet,
		() => undefined,
		() => now,
	);
	hear(activityOf("d", "newer", "2026-01-01T00:00:02.000Z"));
	hear(activityOf("d", "older", "2026-01-01T00:00:01.000Z"));
	expect(board.get("d")?.awaiting).toBe("newer");
	now = activityLifetimeMs;
	sweep();
	expect(board.get("d")).not.toBeNull();
	now = activityLifetimeMs + 1;
	expect(board.get("d")).toBeNull();
});
