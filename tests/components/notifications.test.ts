import { expect, test } from "vitest";
import { newsOf } from "#components/notifications/news.ts";
import { claim } from "#components/notifications/told-once.ts";
import type { StreamEvent } from "#lib/protocol/index.ts";

const envelope = {
	id: "01J00000000000000000000000",
	seq: 1,
	stream: "user/u",
	deployment_id: "d1",
	timestamp: "2026-01-01T00:00:00.000Z",
	agent_name: null,
	stage: null,
	content: "A sentence.",
	requires_ack: false,
} as const;
const completed = (status: "succeeded" | "failed" | "cancelled"): StreamEvent => ({
	...envelope,
	type: "deployment_completed",
	metadata: { status, duration_ms: 1, error: null, stopped_processes: null },
});

test("an end is news, unless somebody wanted it", () => {
	expect(newsOf(completed("succeeded"))).toEqual({ id: envelope.id, tone: "success", title: "A sentence.", href: "/deployments/d1" });
	expect(newsOf(completed("failed"))).toMatchObject({ tone: "danger", href: "/deployments/d1" });
	expect(newsOf(completed("cancelled"))).toBeNull();
});

test("a crash and a warning are news, ordinary changes are not", () => {
	const release = { project_id: "p", release: "r", reason: null } as const;
	expect(newsOf({ ...envelope, deployment_id: null, type: "release_changed", metadata: { ...release, status: "crashed" } })).toMatchObject({
		tone: "danger",
	});
	expect(newsOf({ ...envelope, type: "release_changed", metadata: { ...release, status: "live" } })).toBeNull();
	expect(newsOf({ ...envelope, deployment_id: null, type: "system", metadata: { message_type: "warning" } })).toMatchObject({
		tone: "warning",
		href: null,
	});
	expect(newsOf({ ...envelope, type: "system", metadata: { message_type: "info" } })).toBeNull();
	expect(newsOf({ ...envelope, type: "queue_changed", metadata: { deployment: "d1", ahead: 1 } })).toBeNull();
});

function storageOf(stored: Map<string, string>) {
	return {
		getItem: (key: string) => stored.get(key) ?? null,
		setItem: (key: string, value: string) => void stored.set(key, value),
	};
}

test("of many tabs one tells it, once", async () => {
	const stored = new Map<string, string>();
	const storage = storageOf(stored);
	const tabs = { locks: navigator.locks, storage };
	expect((await Promise.all(Array.from({ length: 5 }, () => claim("a", tabs)))).filter(Boolean)).toHaveLength(1);
	expect(await claim("b", tabs)).toBe(true);
	expect(await claim("a", tabs)).toBe(false);
	for (let n = 0; n < 200; n++) await claim(`other ${n}`, tabs);
	expect(JSON.parse([...stored.values()][0] ?? "")).toHaveLength(50);
	stored.set([...stored.keys()][0] ?? "", "{not json");
	expect(await claim("c", tabs)).toBe(true);
});

test("one tells it also where tabs do not see yet what another one has stored", async () => {
	const tabs = Array.from({ length: 5 }, () => ({ locks: navigator.locks, storage: storageOf(new Map()) }));
	expect((await Promise.all(tabs.map((tab) => claim("at once", tab)))).filter(Boolean)).toHaveLength(1);
});
