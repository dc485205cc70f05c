import { describe, expect, test } from "vitest";
import { transition } from "#lib/live/connection.ts";
import { deadline, type Input, initialState, openLinks } from "#lib/live/state.ts";
import { defaultTimings as timings } from "#lib/live/timings.ts";
import type { TransportKind } from "#lib/live/transports/transport.ts";
import type { ServerFrame } from "#lib/protocol/index.ts";

const stepMs = 50;

/** What a network does with a transport: it works, turns it away, swallows it, or cuts it after a while. */
type Fate = "works" | "refuses" | "silent" | number;
type World = Record<TransportKind, Fate>;

const healthy: World = { ws: "works", sse: "works", poll: "works" };

/** The state machine in a network that a test makes, in virtual time. */
function live(random: () => number) {
	let now = 1_000_000;
	let state = initialState({ ws: 0, sse: 0 });
	let world = healthy;
	const links = new Map<number, { kind: TransportKind; since: number; beats: number }>();

	function put(input: Input): void {
		const step = transition(state, input, { now, random, timings });
		state = step.state;
		for (const command of step.commands) {
			if (command.type === "open") links.set(command.link, { kind: command.kind, since: now, beats: 0 });
			if (command.type === "close") links.delete(command.link);
			if (command.type === "peek") put({ type: "peeked", end: world.poll === "works" ? null : { code: 1006, retryAfterMs: null } });
		}
	}

	const hear = (link: number, ...frames: ServerFrame[]) => {
		for (const frame of frames) if (links.has(link)) put({ type: "frame", link, frame });
	};

	function play(id: number, link: { kind: TransportKind; since: number; beats: number }): void {
		const fate = world[link.kind];
		const age = now - link.since;
		if (fate === "refuses" || (typeof fate === "number" && age >= fate)) {
			links.delete(id);
			put({ type: "closed", link: id, end: { code: 1006, retryAfterMs: null } });
		} else if (fate !== "silent" && age >= link.beats * 1000) {
			if (link.beats++ === 0) {
				put({ type: "opened", link: id });
				hear(id, { t: "hello", v: 1, conn: "c", boot: "b", hb: 15_000, auth_exp: null }, { t: "pong", n: 1 });
				if (link.kind === "poll") hear(id, { t: "hb", n: 1, heads: {}, activity: [] });
			} else hear(id, { t: "hb", n: 1, heads: {}, activity: [] });
		}
	}

	put({ type: "start" });
	return {
		set(next: World) {
			world = next;
		},
		pass(ms: number, until: () => boolean = () => false): number {
			const start = now;
			while (now - start < ms && !until()) {
				now += stepMs;
				for (const [id, link] of [...links]) if (links.has(id)) play(id, link);
				for (let due = deadline(state, timings); due !== null && due <= now; due = deadline(state, timings)) put({ type: "tick" });
			}
			return now - start;
		},
		transport: () => (state.phase.kind === "live" ? state.phase.link.kind : null),
		open: () => [...links.keys()].sort(),
		known: () =>
			openLinks(state.phase)
				.map(({ id }) => id)
				.sort(),
	};
}

/** Numbers in [0, 1) that are the same every time. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
		return state / 2 ** 32;
	};
}

test("a hundred random ways to drop: it always recovers, within 35 s and on WebSocket within 70 s (R108)", () => {
	for (let seed = 1; seed <= 100; seed++) {
		const random = randomOf(seed);
		const game = live(random);
		const fate = (): Fate => {
			const dice = random();
			if (dice < 0.3) return "works";
			if (dice < 0.55) return "refuses";
			return dice < 0.75 ? "silent" : 50 + Math.floor(random() * 8000);
		};
		for (let round = 0; round < 8; round++) {
			game.set({ ws: fate(), sse: fate(), poll: fate() });
			game.pass(500 + random() * 20_000);
		}
		game.set(healthy);
		const recoveredMs = game.pass(120_000, () => game.transport() !== null);
		expect(recoveredMs, `seed ${seed}`).toBeLessThanOrEqual(35_000);
		const returnedMs = recoveredMs + game.pass(120_000, () => game.transport() === "ws");
		expect(returnedMs, `seed ${seed}`).toBeLessThanOrEqual(recoveredMs + 70_000);
		expect(game.open(), `seed ${seed}`).toEqual(game.known());
	}
});

const only = (rest: Partial<World>): World => ({ ...healthy, ...rest });

describe("each way to fail has its way on (R126)", () => {
	test.each<[string, World, TransportKind | null]>([
		["WebSocket refused", only({ ws: "refuses" }), "sse"],
		["WebSocket accepted, then silence", only({ ws: "silent" }), "sse"],
		["WebSocket reset after 50 ms", only({ ws: 50 }), "sse"],
		["WebSocket reset after 200 ms", only({ ws: 200 }), "sse"],
		["WebSocket reset after 500 ms", only({ ws: 500 }), "sse"],
		["WebSocket reset after 5 s", only({ ws: 5000 }), "sse"],
		["WebSocket cut after a minute", only({ ws: 60_000 }), "ws"],
		["WebSocket and SSE refused", only({ ws: "refuses", sse: "refuses" }), "poll"],
		["WebSocket refused, SSE mute", only({ ws: "refuses", sse: "silent" }), "poll"],
		["nothing works", { ws: "refuses", sse: "refuses", poll: "refuses" }, null],
		["everything is swallowed", { ws: "silent", sse: "silent", poll: "silent" }, null],
	])("%s", (_name, world, transport) => {
		const game = live(randomOf(3));
		game.set(world);
		game.pass(40_000);
		expect(game.transport()).toBe(transport);
		game.set(healthy);
		expect(game.pass(120_000, () => game.transport() === "ws")).toBeLessThanOrEqual(70_000);
	});
});
