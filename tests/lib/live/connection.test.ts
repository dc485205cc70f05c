import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { transition } from "#lib/live/connection.ts";
import { type Command, deadline, type Input, initialState, type Link, openLinks, type State } from "#lib/live/state.ts";
import { statusOf } from "#lib/live/status.ts";
import { defaultTimings as timings } from "#lib/live/timings.ts";
import type { TransportEnd, TransportKind } from "#lib/live/transports/transport.ts";
import type { ServerFrame } from "#lib/protocol/index.ts";

const lost = { code: 1006, retryAfterMs: null };
const hello: ServerFrame = { t: "hello", v: 1, conn: "c", boot: "b1", hb: 15_000, auth_exp: null };
/** Of the server after its next start. */
const helloAgain: ServerFrame = { t: "hello", v: 1, conn: "c", boot: "b2", hb: 15_000, auth_exp: null };
const beat: ServerFrame = { t: "hb", n: 1, heads: {}, activity: [] };
const pong: ServerFrame = { t: "pong", n: 1 };
const bye = (code: number, after: [number, number]): ServerFrame => ({ t: "bye", code, after });

/** A connection whose time and network the test plays. */
function play(start: Partial<State> = {}) {
	let now = 1_000_000;
	let state: State = { ...initialState({ ws: 0, sse: 0 }), ...start };
	const commands: Command[] = [];

	function put(input: Input): void {
		const step = transition(state, input, { now, random: () => 0.5, timings });
		state = step.state;
		commands.push(...step.commands);
	}

	const self = {
		get state() {
			return state;
		},
		get now() {
			return now;
		},
		put,
		/** Commands since the last look, in short. */
		did(): string[] {
			return commands.splice(0).map((command) => (command.type === "open" ? `open ${command.kind}` : command.type));
		},
		/** Lets time pass, with every tick at its time. */
		pass(ms: number): void {
			const end = now + ms;
			for (let due = deadline(state, timings); due !== null && due <= end; due = deadline(state, timings)) {
				now = Math.max(now, due);
				put({ type: "tick" });
			}
			now = end;
		},
		link(kind: TransportKind): Link {
			const found = openLinks(state.phase).findLast((link) => link.kind === kind);
			if (!found) throw new Error(`No ${kind} link is open in phase ${state.phase.kind}`);
			return found;
		},
		hear(kind: TransportKind, ...frames: ServerFrame[]): void {
			for (const frame of frames) put({ type: "frame", link: self.link(kind).id, frame });
		},
		break(kind: TransportKind, end: TransportEnd = lost): void {
			put({ type: "closed", link: self.link(kind).id, end });
		},
		/** Lets the pause before the next race pass. */
		again(): void {
			if (state.phase.kind !== "waiting") throw new Error(`Nothing is waited for in phase ${state.phase.kind}`);
			self.pass(state.phase.until - now);
		},
		kinds: () => openLinks(state.phase).map(({ kind }) => kind),
	};
	return self;
}

type Play = ReturnType<typeof play>;

function liveOn(kind: TransportKind, start: Partial<State> = {}): Play {
	const game = play(start);
	game.put({ type: "start" });
	if (kind === "ws") {
		game.hear("ws", hello, pong);
		game.pass(timings.provenMs);
	} else {
		game.break("ws");
		if (kind === "poll") game.break("sse");
		game.hear(kind, hello, beat);
	}
	game.did();
	expect(game.state.phase).toMatchObject({ kind: "live", proven: true });
	return game;
}

describe("the race", () => {
	test("a WebSocket that speaks wins at once", () => {
		const game = play();
		game.put({ type: "start" });
		game.pass(100);
		game.hear("ws", hello);
		expect(game.did()).toEqual(["open ws", "ping"]);
		expect(game.state.phase).toMatchObject({ kind: "live", proven: false });
		game.hear("ws", pong);
		game.pass(timings.provenMs);
		expect(game.state.phase).toMatchObject({ kind: "live", proven: true });
	});

	test("a silent WebSocket gets company, and loses to SSE once that has a heartbeat", () => {
		const game = play();
		game.put({ type: "start" });
		game.pass(timings.streamAfterMs);
		expect(game.did()).toEqual(["open ws", "peek", "open sse"]);
		game.hear("sse", hello);
		expect(game.state.phase.kind).toBe("racing");
		game.pass(1000);
		game.hear("sse", beat);
		expect(game.state.phase).toMatchObject({ kind: "live", link: { kind: "sse" } });
		expect(game.state.strikes).toHaveLength(1);
	});

	test("a refused WebSocket leads to SSE at once", () => {
		const game = play();
		game.put({ type: "start" });
		game.break("ws");
		expect(game.did()).toEqual(["open ws", "open sse"]);
	});

	test("SSE that is held back leads to poll, and is remembered", () => {
		const game = play();
		game.put({ type: "start" });
		game.break("ws");
		game.put({ type: "opened", link: game.link("sse").id });
		game.did();
		game.pass(timings.streamHelloMs);
		expect(game.did()).toEqual(expect.arrayContaining(["remember", "open poll"]));
		game.hear("poll", hello);
		expect(game.state.phase).toMatchObject({ kind: "live", link: { kind: "poll" } });
		expect(game.state.badUntil.sse).toBe(game.now + timings.badMs);
	});

	test("SSE that falls silent after it spoke starts once more, then poll takes over", () => {
		const game = play();
		game.put({ type: "start" });
		game.break("ws");
		game.hear("sse", hello);
		game.pass(timings.streamBeatMs);
		expect(game.kinds()).toEqual(["sse"]);
		game.hear("sse", hello);
		game.pass(timings.streamBeatMs);
		expect(game.kinds()).toEqual(["poll"]);
	});

	test("SSE that is cut after it spoke is tried again as SSE", () => {
		const game = play({ badUntil: { ws: Number.MAX_SAFE_INTEGER, sse: 0 } });
		game.put({ type: "start" });
		for (let round = 0; round < 5; round++) {
			game.hear("sse", hello);
			game.break("sse", { code: 1000, retryAfterMs: null });
			game.again();
			expect(game.kinds()).toEqual(["sse"]);
		}
		expect(game.state.badUntil.sse).toBe(0);
	});

	test("SSE that is cut after it spoke is taken up again soon, however often that happens", () => {
		const game = play({ badUntil: { ws: Number.MAX_SAFE_INTEGER, sse: 0 } });
		game.put({ type: "start" });
		for (let cut = 1; cut <= 20; cut++) {
			game.hear("sse", hello);
			game.pass(900);
			game.break("sse");
			game.again();
			expect(game.kinds()).toEqual(["sse"]);
		}
		expect(game.state.failures).toBe(0);
		// One that is cut at once is not worth a hurry.
		game.hear("sse", hello);
		game.break("sse");
		expect(game.state.failures).toBe(1);
	});
	test.each([
		["ws", 1013, null],
		["sse", 1013, 7000],
		["poll", 1012, 3000],
	] as const)(
		"a server without a place for %s is left alone as long as it says, and nothing is held against the transport",
		(kind, code, retryAfterMs) => {
			const game = play();
			game.put({ type: "start" });
			if (kind !== "ws") game.break("ws");
			if (kind === "poll") game.break("sse");
			game.break(kind, { code, retryAfterMs });
			expect(game.kinds()).toEqual([]);
			expect(game.state.phase).toMatchObject({ kind: "waiting", until: game.now + (retryAfterMs ?? 250) });
			expect(game.state.strikes).toEqual([]);
		},
	);

	test("known bad transports are left out", () => {
		const game = play({ badUntil: { ws: Number.MAX_SAFE_INTEGER, sse: Number.MAX_SAFE_INTEGER } });
		game.put({ type: "start" });
		expect(game.did()).toEqual(["open poll"]);
	});

	test("while nothing is proven, the screen is kept fresh by single polls", () => {
		const game = play();
		game.put({ type: "start" });
		game.pass(timings.peekMs);
		expect(game.did()).toContain("peek");
		game.put({ type: "peeked", end: null });
		game.pass(timings.peekMs);
		expect(game.did()).toContain("peek");
	});

	test("when everything fails the next race waits, longer each time, and ten failures are said", () => {
		const game = play();
		game.put({ type: "start" });
		const waits: number[] = [];
		for (let failure = 1; failure <= 12; failure++) {
			game.break("ws");
			game.break("sse");
			game.break("poll");
			expect(game.state.failures).toBe(failure);
			const { phase } = game.state;
			if (phase.kind !== "waiting") throw new Error(phase.kind);
			waits.push(phase.until - game.now);
			game.pass(phase.until - game.now);
		}
		expect(waits.slice(0, 3)).toEqual([250, 500, 1000]);
		expect(Math.max(...waits)).toBe(timings.backoffCapMs / 2);
	});
});

describe("verdicts", () => {
	test("two unproven failures while HTTP works make WebSocket bad", () => {
		const game = play();
		game.put({ type: "start" });
		for (let strike = 1; strike <= 2; strike++) {
			game.hear("ws", hello);
			game.pass(1000);
			game.break("ws");
			game.again();
			game.did();
			game.pass(0);
			game.put({ type: "peeked", end: null });
			expect(game.state.strikes).toHaveLength(strike);
		}
		expect(game.state.badUntil.ws).toBe(game.now + timings.badMs);
		game.break("ws");
		game.hear("sse", hello, beat);
		game.break("sse");
		game.again();
		expect(game.kinds()).toEqual(["sse"]);
	});

	test("a socket that failed because the server restarted is no strike: another start of it answers", () => {
		const game = play();
		game.put({ type: "start" });
		for (let start = 1; start <= 2; start++) {
			game.hear("ws", { ...hello, boot: `start ${start}` });
			game.pass(1000);
			game.break("ws");
			game.again();
			game.pass(0);
			game.put({ type: "peeked", end: null, boot: `start ${start + 1}` });
		}
		expect(game.state.strikes).toEqual([]);
		expect(game.state.badUntil.ws).toBe(0);
		// The same one answers: that is the socket's fault.
		game.hear("ws", { ...hello, boot: "start 3" });
		game.break("ws");
		game.again();
		game.pass(0);
		game.put({ type: "peeked", end: null, boot: "start 3" });
		expect(game.state.strikes).toHaveLength(1);
	});

	test("a failed socket is followed by a poll at once, to see whether the network failed", () => {
		const game = play();
		game.put({ type: "start" });
		game.hear("ws", hello);
		game.break("ws");
		game.did();
		game.again();
		expect(game.did()).toEqual(["open ws", "peek"]);
	});

	test("an outage is not a blocked socket", () => {
		const game = play();
		game.put({ type: "start" });
		for (let round = 0; round < 5; round++) {
			game.break("ws");
			game.put({ type: "peeked", end: lost });
			game.break("sse");
			game.break("poll");
			game.again();
		}
		expect(game.state.strikes).toEqual([]);
		expect(game.state.badUntil).toEqual({ ws: 0, sse: 0 });
	});

	test("a proven WebSocket clears them", () => {
		const game = play({ strikes: [1], badUntil: { ws: 5, sse: 0 }, failures: 3 });
		game.put({ type: "start" });
		game.hear("ws", hello, pong);
		game.pass(timings.provenMs);
		expect(game.state).toMatchObject({ strikes: [], badUntil: { ws: 0 }, failures: 0 });
	});
});

describe("a live connection", () => {
	test("that falls silent is replaced: after 35 s, or 5 s while a deployment is active", () => {
		const idle = liveOn("ws");
		idle.hear("ws", beat);
		idle.pass(timings.deadIdleMs - 1);
		expect(idle.state.phase.kind).toBe("live");
		idle.pass(1);
		expect(idle.state.phase.kind).toBe("waiting");

		const active = liveOn("ws");
		active.hear("ws", { ...beat, activity: [{}] } as ServerFrame);
		active.pass(timings.deadActiveMs);
		expect(active.state.phase.kind).toBe("waiting");
	});

	test("that falls silent in an active deployment has polls beside it, before it counts as dead", () => {
		const game = liveOn("ws");
		game.hear("ws", { ...beat, activity: [{}] } as ServerFrame);
		game.pass(timings.suspectMs - 1);
		expect(game.did()).not.toContain("peek");
		game.pass(1);
		expect(game.did()).toEqual(["peek"]);
		game.pass(timings.peekMs);
		expect(game.did()).toEqual(["peek"]);
		expect(game.state.phase).toMatchObject({ kind: "live", link: { kind: "ws" } });
	});

	test("that speaks but does not answer is not believed", () => {
		const game = play();
		game.put({ type: "start" });
		game.hear("ws", hello, beat);
		game.did();
		game.pass(timings.suspectMs);
		expect(game.did()).toEqual(["peek"]);
		game.hear("ws", beat);
		game.pass(timings.checkMs - timings.suspectMs);
		expect(game.did()).toContain("close");
		expect(game.state.phase.kind).toBe("waiting");
	});

	test("comes back in the server's window after bye", () => {
		const game = liveOn("ws");
		game.hear("ws", bye(1012, [1000, 3000]));
		expect(game.state.phase).toMatchObject({ kind: "waiting", until: game.now + 2000, from: "ws" });
		expect(game.state.failures).toBe(0);
	});

	test("keeps to the server's window while the server is still away, so that not all come at once when it is back", () => {
		const game = liveOn("ws");
		game.hear("ws", bye(1012, [1000, 9000]));
		game.again();
		for (const failures of [1, 2]) {
			game.break("ws");
			game.break("sse");
			game.break("poll");
			expect(game.state).toMatchObject({ failures, phase: { kind: "waiting", until: game.now + 4500 } });
			game.again();
		}
		game.hear("ws", hello);
		expect(game.state.spreadMs).toBe(0);
	});

	test("over SSE that comes to its ordinary end goes on over SSE", () => {
		const game = liveOn("sse");
		game.hear("sse", bye(1000, [0, 0]));
		game.pass(0);
		expect(game.kinds()).toEqual(["sse"]);
	});

	test("that is refused for good is not tried again by itself, but when the person comes back", () => {
		const game = liveOn("sse");
		game.break("sse", { code: 4503, retryAfterMs: null });
		game.pass(3_600_000);
		expect(game.state.phase).toEqual({ kind: "refused", code: 4503 });
		game.put({ type: "wake", cause: "visible" });
		expect(game.state.phase.kind).toBe("racing");
	});

	describe("that is told that nobody is logged in", () => {
		const nobody = { code: 4501, retryAfterMs: null };

		test.each(["sse", "poll"] as const)("over %s has the session looked at once, and goes on where it is valid", (kind) => {
			const game = liveOn(kind);
			game.break(kind, nobody);
			expect(game.did()).toContain("checkSession");
			expect(statusOf(game.state, { rttMs: null, lastFrameAt: null, timings })).toMatchObject({ kind: "lost", refused: null });
			game.put({ type: "session", isValid: true });
			expect(game.did()).toEqual(["open ws"]);
			game.hear("ws", hello, pong);
			expect(game.state).toMatchObject({ phase: { kind: "live" }, sessionChecked: false });
		});

		test("believes it when the session is gone", () => {
			const game = liveOn("sse");
			game.break("sse", nobody);
			game.put({ type: "session", isValid: false });
			expect(statusOf(game.state, { rttMs: null, lastFrameAt: null, timings })).toMatchObject({ refused: "unauthenticated" });
		});

		test("believes it the second time, whoever says it, and asks no more", () => {
			for (const isValid of [true, null]) {
				const game = liveOn("sse");
				game.break("sse", nobody);
				game.put({ type: "session", isValid });
				if (isValid === null) game.again();
				game.did();
				game.put({ type: "peeked", end: nobody });
				expect(game.state.phase).toEqual({ kind: "refused", code: 4501 });
				expect(game.did()).not.toContain("checkSession");
			}
		});
	});

	test("over SSE returns to WebSocket by a probe, and keeps the old one until the new one is proven", () => {
		const game = liveOn("sse");
		const stayAlive = (ms: number) => {
			for (let passed = 0; passed < ms; passed += 1000) {
				game.pass(1000);
				game.hear("sse", beat);
			}
		};
		stayAlive(timings.probesMs[0] ?? 0);
		expect(game.kinds()).toEqual(["sse", "ws"]);
		game.hear("ws", hello, pong);
		stayAlive(timings.provenMs - 1000);
		expect(game.kinds()).toEqual(["sse", "ws"]);
		game.did();
		game.pass(1000);
		expect(game.kinds()).toEqual(["ws"]);
		expect(game.did()).toContain("close");
	});

	describe("with a WebSocket that has worked here", () => {
		/** The server was away, and SSE was there before WebSocket when it came back. */
		function backOnSse(): Play {
			const game = liveOn("ws");
			game.break("ws");
			game.again();
			game.break("ws");
			game.hear("sse", helloAgain, beat);
			game.pass(0);
			return game;
		}

		test("returns to it as soon as it answers", () => {
			const game = backOnSse();
			expect(game.kinds()).toEqual(["sse", "ws"]);
			game.hear("ws", helloAgain);
			expect(game.kinds()).toEqual(["sse", "ws"]);
			game.hear("ws", pong);
			expect(game.kinds()).toEqual(["ws"]);
			expect(game.state.phase).toMatchObject({ kind: "live", proven: false });
			game.pass(timings.provenMs);
			expect(game.state.phase).toMatchObject({ kind: "live", proven: true });
		});

		test("trusts it no more after a strike", () => {
			const game = backOnSse();
			game.break("ws");
			expect(game.state).toMatchObject({ socketTrusted: false, strikes: [game.now] });
			for (let passed = 0; passed < timings.badMs && !game.kinds().includes("ws"); passed += 1000) {
				game.pass(1000);
				game.hear("sse", beat);
			}
			game.hear("ws", hello, pong);
			expect(game.kinds()).toEqual(["sse", "ws"]);
		});
	});

	test("keeps SSE when the probe fails, and probes again later", () => {
		const game = liveOn("sse");
		const probe = timings.probesMs[0] ?? 0;
		for (let passed = 0; passed <= probe; passed += 1000) {
			game.pass(1000);
			game.hear("sse", beat);
		}
		game.break("ws");
		expect(game.kinds()).toEqual(["sse"]);
		expect(statusOf(game.state, { rttMs: 100, lastFrameAt: null, timings })).toMatchObject({ reason: "refused" });
		const { phase } = game.state;
		expect(phase.kind === "live" && phase.probeAt).toBe(game.now + probe - 1000);
	});

	test("with another set of streams opens the new SSE before it ends the old one", () => {
		const game = liveOn("sse");
		game.put({ type: "outdated", link: game.link("sse").id });
		expect(game.did()).toEqual(["open sse"]);
		game.hear("sse", hello);
		expect(game.did()).toEqual(["close"]);
		expect(game.kinds()).toEqual(["sse"]);
	});

	test("is checked when the page wakes up", () => {
		const game = liveOn("ws");
		game.put({ type: "wake", cause: "jump" });
		expect(game.did()).toEqual(["ping"]);
		game.pass(timings.checkMs);
		expect(game.state.phase.kind).toBe("waiting");
	});

	test("over SSE is let go five minutes after the page was hidden, a WebSocket is not", () => {
		for (const kind of ["sse", "ws"] as const) {
			const game = liveOn(kind);
			game.put({ type: "hidden" });
			for (let passed = 0; passed < timings.hiddenMs; passed += 1000) {
				game.pass(1000);
				if (game.state.phase.kind === "live") game.hear(kind, beat);
			}
			expect(game.state.phase.kind).toBe(kind === "ws" ? "live" : "asleep");
			game.put({ type: "wake", cause: "visible" });
			expect(game.kinds().length).toBeGreaterThan(0);
		}
	});
});

describe("whatever happens", () => {
	const linkInput = fc.record({
		which: fc.nat({ max: 3 }),
		what: fc.constantFrom("opened", "hello", "hb", "pong", "bye", "restart", "closed", "refused", "outdated"),
	});
	const pageInput = fc.constantFrom(
		"stop",
		"start",
		"pause",
		"resume",
		"retry",
		"hidden",
		"sleep",
		"visible",
		"online",
		"jump",
		"peeked",
		"failed peek",
		"logged in",
		"logged out",
	);
	const time = fc.integer({ min: 1, max: 40_000 });

	test("no link is forgotten, no timer spins, and it never stands still while streams are wanted", () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(linkInput, pageInput, time), { maxLength: 80, size: "max" }), (steps) => {
				let now = 1_000_000;
				let state = initialState({ ws: 0, sse: 0 });
				const open = new Set<number>();

				function put(input: Input): void {
					const before = structuredClone(state);
					const step = transition(state, input, { now, random: () => 0.5, timings });
					expect(state).toEqual(before);
					state = step.state;
					for (const command of step.commands) {
						if (command.type === "open") open.add(command.link);
						if (command.type === "close") open.delete(command.link);
					}
				}

				for (const step of [..."start".split(" "), ...steps]) {
					if (typeof step === "number") {
						const end = now + step;
						let ticks = 0;
						for (let due = deadline(state, timings); due !== null && due <= end; due = deadline(state, timings)) {
							now = Math.max(now, due);
							put({ type: "tick" });
							expect(++ticks).toBeLessThan(1000);
						}
						now = end;
					} else if (typeof step === "string") put(pageInputOf(step));
					else {
						const link = openLinks(state.phase)[step.which];
						if (!link) continue;
						if (step.what === "closed" || step.what === "refused") open.delete(link.id);
						put(linkInputOf(link.id, step.what));
					}
					expect([...open].sort()).toEqual(
						openLinks(state.phase)
							.map(({ id }) => id)
							.sort(),
					);
					if (state.phase.kind === "racing" || state.phase.kind === "live" || state.phase.kind === "waiting")
						expect(deadline(state, timings)).not.toBeNull();
				}
			}),
			{ numRuns: 500 },
		);
	});

	function linkInputOf(link: number, what: string): Input {
		switch (what) {
			case "opened":
			case "outdated":
				return { type: what, link };
			case "closed":
				return { type: "closed", link, end: lost };
			case "refused":
				return { type: "closed", link, end: { code: 4501, retryAfterMs: null } };
			case "hello":
				return { type: "frame", link, frame: hello };
			case "hb":
				return { type: "frame", link, frame: beat };
			case "pong":
				return { type: "frame", link, frame: pong };
			case "bye":
				return { type: "frame", link, frame: bye(1000, [0, 0]) };
			default:
				return { type: "frame", link, frame: bye(1012, [0, 2000]) };
		}
	}

	function pageInputOf(name: string): Input {
		if (name === "visible" || name === "online" || name === "jump") return { type: "wake", cause: name };
		if (name === "peeked") return { type: "peeked", end: null };
		if (name === "failed peek") return { type: "peeked", end: lost };
		if (name === "logged in" || name === "logged out") return { type: "session", isValid: name === "logged in" };
		return { type: name } as Input;
	}
});
