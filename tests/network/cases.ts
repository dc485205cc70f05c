import type { TransportKind } from "#lib/live/transports/transport.ts";
import type { Fault, RelayedKind } from "#tests/support/fault-relay.ts";
import type { proxies } from "./proxies.ts";

export type Faults = Partial<Record<RelayedKind, Fault>>;

/**
 * One network and what becomes of a deployment that is watched through it. All times are real ones; where `scale` is not 1, every
 * interval of client, server and network is divided by it.
 */
export interface NetworkCase {
	name: string;
	/** What stands in between: a real proxy, or a relay that does this to connections. */
	way: { proxy: keyof typeof proxies } | { relay: Faults };
	/** The transport at the end. */
	settles: TransportKind;
	/** Right as well, where the network does not do the same every time. */
	orElse?: TransportKind;
	/** 1 where the figure itself is the point; `quick` by default. */
	scale?: 1;
	/** Events come for at least this long, 20 s by default. */
	lastsMs?: number;
	/** Nothing happens for this long before the last events, and no deployment counts as active. */
	quietMs?: number;
	/** Nothing is in the log before, and then an event every 5 s: little enough to be held back by a buffer. */
	sparse?: true;
	/** The connection is never lost. */
	steady?: true;
	/** It is never this transport that carries the page. */
	never?: TransportKind;
	/** The page counts as connected again at least so many times, however often it is cut. */
	connectsAgain?: number;
	/** What the relay does from this moment on. */
	later?: { atMs: number; relay: Faults; settlesWithinMs: number };
	/** So many watchers have their connections struck, each that many times, once they are proven. */
	strikes?: { how: "reset" | "silence"; watchers: number; times: number };
	/** No event may come later than this; see docs/benchmarks.md for what was asked. */
	latestMs?: number;
}

const refused: Fault = { do: "deny", status: 403 };
const silent: Fault = { do: "swallow", after: "headers", direction: "both" };
const resetAfter = (afterMs: number): Fault => ({ do: "reset", afterMs });
const stallAfter = (ms: number): Fault => ({ do: "swallow", after: ms, direction: "both" });

export const proxyCases: NetworkCase[] = [
	{ name: "nginx, plain proxy_pass", way: { proxy: "nginxPlain" }, settles: "sse" },
	{ name: "nginx, HTTP 1.1 and the Upgrade map", way: { proxy: "nginxUpgrade" }, settles: "ws", steady: true },
	{
		name: "nginx, Upgrade map, quiet for longer than its 60 s",
		way: { proxy: "nginxUpgrade" },
		settles: "ws",
		steady: true,
		quietMs: 70_000,
	},
	{ name: "nginx, plain, quiet for longer than its 60 s", way: { proxy: "nginxPlain" }, settles: "sse", quietMs: 70_000 },
	{ name: "nginx, X-Accel-Buffering ignored", way: { proxy: "nginxBuffers" }, settles: "poll", sparse: true },
	{ name: "nginx, 403 for every Upgrade", way: { proxy: "nginxForbids" }, settles: "sse" },
	{ name: "haproxy, Upgrade denied", way: { proxy: "haproxyDeny" }, settles: "sse" },
	{ name: "haproxy, tarpit for Upgrade", way: { proxy: "haproxyTarpit" }, settles: "sse" },
	{
		name: "haproxy, 30 s timeouts and no tunnel timeout, quiet",
		way: { proxy: "haproxyIdle" },
		settles: "ws",
		steady: true,
		quietMs: 70_000,
	},
	{ name: "haproxy, wait-for-body", way: { proxy: "haproxyWaits" }, settles: "poll", sparse: true },
	{ name: "squid before the server", way: { proxy: "squid" }, settles: "sse" },
	{ name: "tinyproxy before the server", way: { proxy: "tinyproxy" }, settles: "sse" },
	{ name: "varnish", way: { proxy: "varnish" }, settles: "sse" },
	{ name: "varnish, do_stream=false", way: { proxy: "varnishBuffers" }, settles: "poll" },
	{ name: "apache, plain ProxyPass", way: { proxy: "apache" }, settles: "sse" },
	{ name: "apache, upgrade=websocket", way: { proxy: "apacheUpgrade" }, settles: "ws", steady: true },
	{ name: "caddy", way: { proxy: "caddy" }, settles: "ws", steady: true },
	// It packs a stream or not by what comes first, and holds back the frames of one that it packs.
	{ name: "caddy, encode gzip, no WebSocket", way: { proxy: "caddyGzip" }, settles: "sse", orElse: "poll" },
];

export const faultCases: NetworkCase[] = [
	{ name: "101, then silence", way: { relay: { ws: silent } }, settles: "sse" },
	...[50, 200, 500, 5000].map(
		(ms): NetworkCase => ({ name: `101, then reset after ${ms} ms`, way: { relay: { ws: resetAfter(ms) } }, settles: "sse" }),
	),
	{ name: "WebSocket stalls after 3 s, every time", way: { relay: { ws: stallAfter(3000) } }, settles: "sse", lastsMs: 30_000 },
	{ name: "WebSocket stalls after 60 s, every time", way: { relay: { ws: stallAfter(60_000) } }, settles: "ws", lastsMs: 140_000 },
	{
		name: "nothing reaches the server on the WebSocket",
		way: { relay: { ws: { do: "swallow", after: "headers", direction: "up" } } },
		settles: "sse",
		lastsMs: 40_000,
	},
	{
		name: "nothing comes back on the WebSocket",
		way: { relay: { ws: { do: "swallow", after: "headers", direction: "down" } } },
		settles: "sse",
	},
	{
		name: "one byte at a time",
		way: { relay: { ws: { do: "dribble" }, sse: { do: "dribble" }, poll: { do: "dribble" } } },
		settles: "ws",
		steady: true,
	},
	{ name: "SSE one byte at a time", way: { relay: { ws: refused, sse: { do: "dribble" } } }, settles: "sse" },
	{ name: "WebSocket and SSE are refused", way: { relay: { ws: refused, sse: refused } }, settles: "poll" },
	{ name: "WebSocket and SSE are silent", way: { relay: { ws: silent, sse: { do: "hang" } } }, settles: "poll" },
	{ name: "SSE: headers only", way: { relay: { ws: refused, sse: silent } }, settles: "poll" },
	{
		name: "SSE: hello, then mute",
		way: { relay: { ws: refused, sse: { do: "swallow", after: "hello", direction: "both" } } },
		settles: "poll",
	},
	{
		name: "SSE is cut every 2 s with data in it",
		way: { relay: { ws: refused, sse: resetAfter(2000) } },
		settles: "sse",
		never: "poll",
		lastsMs: 40_000,
	},
	{
		name: "SSE is cut every second with data in it",
		way: { relay: { ws: refused, sse: resetAfter(1000) } },
		settles: "sse",
		scale: 1,
		never: "poll",
		connectsAgain: 5,
	},
	{
		name: "WebSocket is blocked, then not",
		way: { relay: { ws: refused } },
		settles: "ws",
		later: { atMs: 15_000, relay: {}, settlesWithinMs: 70_000 },
	},
	{
		name: "everything is blocked, then nothing",
		way: { relay: { ws: { do: "refuse" }, sse: { do: "refuse" }, poll: { do: "refuse" } } },
		settles: "ws",
		later: { atMs: 15_000, relay: {}, settlesWithinMs: 70_000 },
	},
];

/** In real time, because the figure is what was asked for. */
export const timedCases: NetworkCase[] = [
	{ name: "WebSocket refused", way: { relay: { ws: refused } }, settles: "sse", scale: 1, lastsMs: 6000, latestMs: 1000 },
	{ name: "WebSocket silent", way: { relay: { ws: silent } }, settles: "sse", scale: 1, lastsMs: 6000, latestMs: 3000 },
	{
		name: "WebSocket dying after 3 s",
		way: { relay: { ws: stallAfter(3000) } },
		settles: "sse",
		scale: 1,
		lastsMs: 15_000,
		latestMs: 3000,
	},
	{
		name: "socket reset in an active deployment",
		way: { relay: {} },
		settles: "ws",
		scale: 1,
		strikes: { how: "reset", watchers: 10, times: 2 },
		latestMs: 5000,
	},
	{
		name: "socket silent in an active deployment",
		way: { relay: {} },
		settles: "ws",
		scale: 1,
		strikes: { how: "silence", watchers: 10, times: 2 },
		latestMs: 5000,
	},
];
