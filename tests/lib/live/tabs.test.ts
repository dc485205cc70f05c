import { afterEach, describe, expect, test } from "vitest";
import { createClock } from "#lib/live/clock.ts";
import { shareAmongTabs } from "#lib/live/tabs/shared.ts";
import { serves, unionOf } from "#lib/live/tabs/tabs.ts";
import { defaultTimings } from "#lib/live/timings.ts";
import type { OpenTransport, Transport, TransportEnd, TransportHandlers } from "#lib/live/transports/transport.ts";
import { type ClientFrame, type Cursor, closeCodes, maxSubscriptions, type ServerFrame } from "#lib/protocol/index.ts";
import { createBrowser, type Tab } from "#tests/server/live/browser-tabs.ts";

const timings = { ...defaultTimings, tabGatherMs: 10, tabTickMs: 20, tabAskMs: 60, tabDeadMs: 150 };
const live = (stream: string, head = 0): ServerFrame => ({ t: "live", stream, head });
const at = (stream: string, after = 0, epoch: string | null = "e1"): Cursor => ({ stream, epoch, after });
const lost: TransportEnd = { code: 1006, retryAfterMs: null };

/** A connection to the server, played by the test. */
interface Line {
	cursors(): Cursor[];
	handlers: TransportHandlers;
	sent: ClientFrame[];
	closed: boolean;
}

interface Page {
	tab: Tab;
	cursors: Cursor[];
	shared: Transport;
	opened: number;
	heard: ServerFrame[];
	ends: TransportEnd[];
}

const ends: (() => void)[] = [];
afterEach(() => {
	for (const end of ends.splice(0).reverse()) end();
});

/** `takes`: a connection under way takes another set of streams, as poll does and SSE does not. */
function browser(takes = false) {
	const tabs = createBrowser();
	const lines: Line[] = [];
	const open: OpenTransport = ({ cursors }, handlers) => {
		const line: Line = { cursors, handlers, sent: [], closed: false };
		lines.push(line);
		return {
			send(frame) {
				line.sent.push(frame);
				return takes;
			},
			close() {
				line.closed = true;
			},
		};
	};
	return {
		lines,
		openLines: () => lines.filter(({ closed }) => !closed),
		async line(nth: number): Promise<Line> {
			await expect.poll(() => lines.length).toBeGreaterThanOrEqual(nth);
			return lines[nth - 1] as Line;
		},
		page(...cursors: Cursor[]): Page {
			const tab = tabs.openTab("ann");
			const page: Omit<Page, "shared"> = { tab, cursors, opened: 0, heard: [], ends: [] };
			const options = { origin: "http://x", fetch, WebSocket, clock: createClock(), timings, cursors: () => page.cursors };
			const shared = shareAmongTabs(
				open,
				"sse",
				tab,
			)(options, {
				onOpen: () => void page.opened++,
				onFrame: (frame) => void page.heard.push(frame),
				onClose: (end) => void page.ends.push(end),
			});
			ends.push(() => shared.close());
			return Object.assign(page, { shared });
		},
	};
}

const streamsOf = (line: Line) =>
	line
		.cursors()
		.map(({ stream }) => stream)
		.sort();

describe("the union of what tabs want", () => {
	test("has each stream once, from where the one furthest behind stands, or from its beginning for a newcomer", () => {
		expect(unionOf([[at("a", 5), at("b", 2)], [at("a", 3)], [at("b", 9), at("c", 0, null)], [at("c", 4)]])).toEqual([
			at("a", 3),
			at("b", 2),
			at("c", 0, null),
		]);
		expect(unionOf([[at("a", 5)], [at("a", 0, null)]])).toEqual([at("a", 0, null)]);
	});

	test("serves who is not behind it in the same log", () => {
		expect(serves([at("a", 3), at("b", 0)], [at("a", 3)])).toBe(true);
		expect(serves([at("a", 3)], [at("a", 2)])).toBe(false);
		expect(serves([at("a", 3)], [at("a", 4, "e2")])).toBe(false);
		expect(serves([at("a", 3)], [at("b", 4)])).toBe(false);
	});
});

describe("the tabs of a browser", () => {
	test("are told what the leader's connection says, its goodbye left out, and only the leader of its end", async () => {
		const { page, line } = browser();
		const [leader, follower] = [page(at("a")), page(at("b"))];
		const first = await line(1);
		const { handlers } = first;
		await expect.poll(() => streamsOf(first)).toEqual(["a", "b"]);
		handlers.onOpen();
		handlers.onFrame(live("a"));
		handlers.onFrame({ t: "bye", code: closeCodes.normal, after: [0, 0] });
		await expect.poll(() => follower.heard).toEqual([live("a")]);
		expect(leader.heard.map(({ t }) => t)).toEqual(["live", "bye"]);
		expect([leader.opened, follower.opened]).toEqual([1, 1]);
		handlers.onClose(lost);
		expect(leader.ends).toEqual([lost]);
		// The other one leads now, and opens its own.
		expect(streamsOf(await line(2))).toEqual(["b"]);
		expect(follower.ends).toEqual([]);
	});

	test("that want more open another connection, which takes over with its first frame", async () => {
		const { page, line, openLines } = browser();
		const leader = page(at("a"));
		const first = await line(1);
		leader.cursors = [at("a"), at("b")];
		leader.shared.send({ t: "sub", id: 1, ...at("b") });
		const second = await line(2);
		expect(first.closed).toBe(false);
		second.handlers.onFrame(live("b"));
		expect(first.closed).toBe(true);
		expect(openLines()).toEqual([second]);
		expect(leader.heard).toEqual([live("b")]);
	});

	test("go on with the next connection when the old one ends before it, and with the old one when the next fails", async () => {
		const { page, line } = browser();
		const leader = page(at("a"));
		const first = await line(1);
		leader.shared.send({ t: "sub", id: 1, ...at("b") });
		const second = await line(2);
		first.handlers.onClose(lost);
		second.handlers.onFrame(live("a"));
		expect(leader.heard).toEqual([live("a")]);
		leader.shared.send({ t: "sub", id: 2, ...at("c") });
		const third = await line(3);
		third.handlers.onClose(lost);
		second.handlers.onFrame(live("a", 1));
		expect(leader.heard).toEqual([live("a"), live("a", 1)]);
		expect(leader.ends).toEqual([]);
		second.handlers.onClose(lost);
		expect(leader.ends).toEqual([lost]);
	});

	test("hand other streams to a connection that takes them", async () => {
		const { page, line, lines } = browser(true);
		page(at("a"));
		const first = await line(1);
		const follower = page(at("b"));
		await expect.poll(() => streamsOf(first)).toEqual(["a", "b"]);
		await expect.poll(() => first.sent.length).toBeGreaterThan(0);
		follower.cursors = [at("b"), at("c")];
		follower.shared.send({ t: "sub", id: 1, ...at("c") });
		await expect.poll(() => streamsOf(first)).toEqual(["a", "b", "c"]);
		// What is wanted no more is left out the next time, without another request for it.
		follower.cursors = [at("c")];
		follower.shared.send({ t: "unsub", stream: "b" });
		await expect.poll(() => streamsOf(first)).toEqual(["a", "c"]);
		expect(lines).toHaveLength(1);
		// Nothing else can be said through a shared connection.
		const said = first.sent.length;
		expect(follower.shared.send({ t: "ping", n: 1 })).toBe(true);
		expect(first.sent).toHaveLength(said);
	});

	test("whose streams do not fit beside the others have a connection of their own", async () => {
		const { page, line, openLines } = browser();
		const many = Array.from({ length: maxSubscriptions }, (_, n) => at(`s${n}`));
		const leader = page(...many);
		await line(1);
		const follower = page(at("one too many"));
		await expect.poll(() => openLines().some((open) => open.cursors().length === 1)).toBe(true);
		const own = openLines().find((open) => open.cursors().length === 1) as Line;
		own.handlers.onOpen();
		own.handlers.onFrame(live("one too many"));
		expect(follower.heard).toEqual([live("one too many")]);
		expect(leader.heard).toEqual([]);
		expect(follower.shared.send({ t: "sub", id: 1, ...at("another") })).toBe(false);
		expect(own.sent).toHaveLength(1);
		// What the leader hears is no longer for it.
		openLines()
			.find((open) => open !== own)
			?.handlers.onFrame(live("s1"));
		expect(leader.heard).toEqual([live("s1")]);
		own.handlers.onClose(lost);
		expect(follower.ends).toEqual([lost]);
		expect(follower.heard).toHaveLength(1);
	});

	test("that leave are forgotten, and those that never led never connect", async () => {
		const { page, line, lines } = browser(true);
		page(at("a"));
		const first = await line(1);
		const follower = page(at("b"));
		await expect.poll(() => streamsOf(first)).toEqual(["a", "b"]);
		follower.shared.close();
		follower.shared.close();
		await expect.poll(() => streamsOf(first)).toEqual(["a"]);
		expect(follower.shared.send({ t: "sub", id: 1, ...at("b") })).toBe(true);
		expect(follower.tab.leads()).toBe(false);
		expect(lines).toHaveLength(1);
	});

	test("that have fallen silent are read for no longer, once they have not answered three times", async () => {
		const { page, line } = browser(true);
		const leader = page(at("a"));
		const first = await line(1);
		const follower = page(at("b"));
		await expect.poll(() => streamsOf(first)).toEqual(["a", "b"]);
		follower.tab.freeze();
		await expect
			.poll(() => {
				leader.shared.send({ t: "sub", id: 1, ...at("a") });
				return streamsOf(first);
			})
			.toEqual(["a"]);
	});

	test("that are seen take the lead from one that is hidden, or does not answer", async () => {
		const { page, line, openLines } = browser();
		const hidden = page(at("a"));
		await line(1);
		hidden.tab.visible = false;
		const seen = page(at("b"));
		await expect.poll(() => seen.tab.leads()).toBe(true);
		await expect.poll(() => openLines().length).toBe(1);
		seen.tab.freeze();
		hidden.tab.visible = true;
		await expect.poll(() => hidden.tab.leads(), { timeout: 5000 }).toBe(true);
	});
});
