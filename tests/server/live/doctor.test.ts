import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { examine, type Rung } from "#lib/live/doctor/examine.ts";
import { explainFault } from "#lib/live/doctor/fault.ts";
import type { DoctorTimings } from "#lib/live/doctor/probe.ts";
import { reportOf } from "#lib/live/doctor/report.ts";
import { concludeFrom } from "#lib/live/doctor/verdict.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type Meddling, startMeddlingProxy } from "#tests/support/meddling-proxy.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";
import { authorizedAs } from "./reader.ts";

let database: TestDatabase;
let server: LiveServer;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({ streams: database.streams });
});
afterAll(async () => {
	await server.stop();
	await database.stop();
});
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
	for (const fault of Object.keys(server.faults) as (keyof LiveServer["faults"])[]) delete server.faults[fault];
});

/** In the proportions of the server's quick limits: the first heartbeat comes after 60 ms. */
const quick: DoctorTimings = { openMs: 400, frameMs: 300, beatMs: 300, burstMs: 25, aliveMs: 200, pingMs: 40, holdS: 0.2, slowMs: 2000 };

interface Examined {
	rungs: readonly Rung[];
	/** Every state each transport was shown in, in order. */
	seen: string[];
}

async function examineBy(
	origin: string,
	user: string | null = "ann",
	parts: Partial<Parameters<typeof examine>[0]> = {},
): Promise<Examined> {
	const seen: string[] = [];
	const rungs = await examine({
		origin,
		stream: "user/ann",
		...authorizedAs(user),
		timings: quick,
		signal: new AbortController().signal,
		onChange(now) {
			const states = now.map(({ kind, state, notes }) => `${kind} ${state} ${notes.length}`).join(", ");
			seen.push(states);
		},
		...parts,
	});
	return { rungs, seen };
}

async function through(meddling: Meddling): Promise<string> {
	const proxy = await startMeddlingProxy(server.port, meddling);
	ends.push(() => proxy.stop());
	return proxy.origin;
}

const faultsOf = (rungs: readonly Rung[]) => Object.fromEntries(rungs.map(({ kind, outcome }) => [kind, outcome?.fault?.kind ?? null]));
const repairsOf = (rungs: readonly Rung[]) => concludeFrom(rungs, server.origin)?.repairs;

test("where everything works all three are proven, and each step is told while it happens", async () => {
	const { rungs, seen } = await examineBy(server.origin);
	expect(faultsOf(rungs)).toEqual({ ws: null, sse: null, poll: null });
	expect(rungs.map(({ notes }) => notes.map((note) => note.replace(/[\d.]+/g, "N")))).toEqual([
		["Opened after N ms", "The server greets", "Round trip N ms", "A heartbeat arrives", "Still alive after N s"],
		["The answer begins after N ms", "The server greets after N ms", "The next message arrives N ms later, as it was sent"],
		["Answered after N ms", "Round trip N ms", "A request that was held for N s is answered"],
	]);
	expect(seen[0]).toBe("ws running 0, sse waiting 0, poll waiting 0");
	expect(seen).toContain("ws works 5, sse running 1, poll waiting 0");
	expect(concludeFrom(rungs, server.origin)).toMatchObject({ best: "ws", title: "Everything works", advice: null, repairs: [] });
	expect(server.hub.status().clients).toBe(0);
});

describe("a fault is told apart (R113)", () => {
	test("an upgrade that is refused at once", async () => {
		server.faults.refuseUpgrades = 403;
		const { rungs } = await examineBy(server.origin);
		expect(faultsOf(rungs)).toEqual({ ws: "cut", sse: null, poll: null });
		expect(concludeFrom(rungs, server.origin)).toMatchObject({ best: "sse", repairs: ["upgrade"] });
	});

	test("an upgrade that is never answered", async () => {
		const { rungs } = await examineBy(await through({ upgrade: "hang" }));
		expect(faultsOf(rungs)).toEqual({ ws: "no_answer", sse: null, poll: null });
		expect(repairsOf(rungs)).toEqual(["upgrade"]);
	});

	test("a socket that is silent after it was opened", async () => {
		server.faults.silentSockets = true;
		const { rungs } = await examineBy(server.origin);
		expect(faultsOf(rungs)).toEqual({ ws: "silent", sse: null, poll: null });
	});

	test("a socket that is cut after a while", async () => {
		const { rungs } = await examineBy(await through({ upgrade: { cutAfterMs: 120 } }));
		expect(rungs[0]?.outcome?.fault).toMatchObject({ kind: "closed", code: null });
		expect(repairsOf(rungs)).toEqual(["idle"]);
	});

	test("a browser that forbids WebSocket", async () => {
		const Forbidden = class {
			constructor() {
				throw new Error("not here");
			}
		} as unknown as typeof WebSocket;
		const { rungs } = await examineBy(server.origin, "ann", { WebSocket: Forbidden });
		expect(faultsOf(rungs)).toEqual({ ws: "blocked", sse: null, poll: null });
		expect(repairsOf(rungs)).toEqual([]);
	});

	test("an answer of which only the headers come", async () => {
		const { rungs } = await examineBy(await through({ upgrade: "refuse", stream: "hold" }));
		expect(faultsOf(rungs)).toEqual({ ws: "cut", sse: "held_back", poll: null });
		expect(concludeFrom(rungs, server.origin)).toMatchObject({ best: "poll", repairs: ["upgrade", "buffering"] });
	});

	test("frames that come in heaps", async () => {
		const { rungs } = await examineBy(await through({ stream: { heapMs: 150 } }));
		expect(rungs[1]?.outcome?.fault).toMatchObject({ kind: "held_back", inBursts: true });
		expect(repairsOf(rungs)).toEqual(["buffering"]);
	});

	test("a page of somebody else in place of the answer", async () => {
		const { rungs } = await examineBy(
			await through({ upgrade: "refuse", liveAnswer: { status: 200, type: "text/html", body: "<p>Log in</p>" } }),
		);
		expect(faultsOf(rungs)).toEqual({ ws: "cut", sse: "foreign", poll: "foreign" });
		expect(concludeFrom(rungs, server.origin)).toMatchObject({ best: null, title: "Live updates do not get through" });
	});

	test("a proxy's refusal and Quayside's own", async () => {
		const byProxy = await examineBy(await through({ liveAnswer: { status: 502, type: "text/html", body: "Bad Gateway" } }));
		expect(byProxy.rungs[2]?.outcome?.fault).toEqual({ kind: "refused", status: 502, code: null });
		const loggedOut = await examineBy(server.origin, null);
		expect(loggedOut.rungs[2]?.outcome?.fault).toEqual({ kind: "refused", status: 401, code: "unauthenticated" });
		expect(concludeFrom(loggedOut.rungs, server.origin)).toMatchObject({
			best: null,
			advice: "Log in again, then test again.",
			repairs: [],
		});
	});

	test("an address the server was not told about", async () => {
		const { WebSocket, fetch } = authorizedAs("ann");
		const fromElsewhere: typeof fetch = (url, init) =>
			fetch(url, { ...init, headers: { ...init?.headers, origin: "https://other.example" } });
		const { rungs } = await examineBy(server.origin, "ann", { WebSocket, fetch: fromElsewhere });
		expect(rungs[2]?.outcome?.fault).toMatchObject({ kind: "refused", status: 403, code: "foreign_origin" });
		expect(concludeFrom(rungs, "https://other.example")?.advice).toContain("QUAYSIDE_PUBLIC_URL to https://other.example");
	});

	test("a server that is gone", async () => {
		const gone = await startMeddlingProxy(server.port);
		await gone.stop();
		const { rungs } = await examineBy(gone.origin);
		expect(faultsOf(rungs)).toEqual({ ws: "cut", sse: "cut", poll: "cut" });
		expect(concludeFrom(rungs, gone.origin)).toMatchObject({ best: null, repairs: [] });
	});
});

test("whoever leaves ends it, and nothing stays open", async () => {
	const leave = new AbortController();
	const examined = examineBy(server.origin, "ann", { signal: leave.signal, onChange: (rungs) => rungs[0]?.notes[1] && leave.abort() });
	await expect(examined).rejects.toThrow();
	await expect.poll(() => server.hub.status().clients).toBe(0);
});

test("the report says what was found in plain words and holds no credential", async () => {
	const { rungs } = await examineBy(await through({ upgrade: "refuse", stream: "hold" }), "a-secret-token");
	const verdict = concludeFrom(rungs, server.origin);
	if (!verdict) throw new Error("not done");
	const report = reportOf({ origin: server.origin, at: "2026-01-01T00:00:00Z", userAgent: "test", httpProtocol: null, rungs, verdict });
	expect(report).toContain("Result: Updates arrive by polling.");
	expect(report).toContain("Server-sent events: does not work\n- The answer begins after");
	expect(report).toContain(explainFault("sse", { kind: "held_back", inBursts: false, encoding: null }).text);
	expect(report).not.toContain("a-secret-token");
});
