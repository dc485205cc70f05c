import type { HttpCase } from "./case.ts";

type Answer = HttpCase["answer"];
type Request = HttpCase["request"];

const subs = { subs: [{ stream: "$s", after: 0 }] };
const paths = ["/live/sse", "/live/poll"];
const post = (path: string, rest: Partial<Request> = {}): Request => ({
	method: "POST",
	path,
	body: { subs: [{ stream: "deployment/none" }] },
	...rest,
});
const upgrade = (rest: Partial<Request> = {}): Request => ({ method: "GET", path: "/live/ws", upgrade: true, ...rest });
const refused = (name: string, request: Request, status: number, error?: string): HttpCase => ({
	name,
	logs: {},
	request,
	answer: { status, ...(error && { error }) },
});

const refusals: HttpCase[] = [
	...paths.flatMap((path) => [
		refused(`${path} without a login`, post(path, { token: "none" }), 401, "unauthenticated"),
		refused(`${path} with a token that is none`, post(path, { token: "wrong" }), 401, "unauthenticated"),
		refused(`${path} from a foreign page`, post(path, { headers: { origin: "http://evil.example" } }), 403, "foreign_origin"),
		refused(
			`${path} from a foreign page without Origin`,
			post(path, { headers: { "sec-fetch-site": "cross-site" } }),
			403,
			"foreign_origin",
		),
		refused(`${path} with GET`, { method: "GET", path }, 405),
		refused(`${path} with a body that is no JSON`, post(path, { body: "{" }), 400, "bad_request"),
		refused(`${path} that asks for nothing`, post(path, { body: { subs: [] } }), 400, "bad_request"),
		refused(
			`${path} that asks for 51 streams`,
			post(path, { body: { subs: Array.from({ length: 51 }, (_, index) => ({ stream: `deployment/${index}` })) } }),
			400,
			"bad_request",
		),
		refused(`${path} with a body over 16 KB`, post(path, { body: "x".repeat(17_000) }), 413),
	]),
	refused(
		"poll that wants to be held for too long",
		post("/live/poll", { body: { subs: [{ stream: "deployment/none" }], wait: 21 } }),
		400,
		"bad_request",
	),
	refused("WebSocket without a login", upgrade({ token: "none" }), 401),
	refused("WebSocket with a token that is none", upgrade({ token: "wrong" }), 401),
	refused("WebSocket from a foreign page", upgrade({ headers: { origin: "http://evil.example" } }), 403),
	refused("WebSocket from a foreign page without Origin", upgrade({ headers: { "sec-fetch-site": "cross-site" } }), 403),
];

const answered = (name: string, request: Request, answer: Answer, rest: Partial<HttpCase> = {}): HttpCase => ({
	name,
	logs: { s: { events: 2 } },
	request,
	answer,
	...rest,
});
const atHead = (wait: number): Partial<Request> => ({ body: { subs: [{ stream: "$s", after: 2 }], wait } });
const nothingNew = ["hello", "sub", "live", "hb"];

const answers: HttpCase[] = [
	answered("WebSocket from its own page", upgrade({ headers: { origin: "$origin", "sec-fetch-site": "same-origin" } }), { status: 101 }),
	answered("SSE is not held back, cached or compressed", post("/live/sse", { body: subs, headers: { "accept-encoding": "gzip, br" } }), {
		status: 200,
		headers: {
			"content-type": "^text/event-stream; *charset=utf-8$",
			"cache-control": "no-store.*no-transform",
			"x-accel-buffering": "^no$",
			"content-encoding": null,
			"content-length": null,
		},
		frames: ["hello", "sub", "ev", "live"],
	}),
	answered("poll answers an array", post("/live/poll", { body: subs }), {
		status: 200,
		headers: { "content-type": "^application/json", "cache-control": "no-store.*no-transform", "content-length": "^\\d+$" },
		frames: ["hello", "sub", "ev", "live", "hb"],
		withinMs: 1000,
	}),
	answered("poll that need not be held is answered at once", post("/live/poll", atHead(0)), {
		status: 200,
		frames: nothingNew,
		withinMs: 1000,
	}),
	answered("poll is held while there is nothing new", post("/live/poll", atHead(1)), {
		status: 200,
		frames: nothingNew,
		heldMs: 900,
		withinMs: 3000,
	}),
	answered(
		"poll that is held is answered when something happens",
		post("/live/poll", atHead(20)),
		{ status: 200, withinMs: 3000 },
		{ meanwhile: [{ do: "append", stream: "s", events: 1 }] },
	),
	answered(
		"poll is held for two seconds at most while a watched deployment is active",
		post("/live/poll", atHead(20)),
		{ status: 200, frames: nothingNew, withinMs: 3000 },
		{ before: [{ do: "activity", stream: "s", awaiting: "npm" }] },
	),
	answered(
		"poll of what cannot be read is answered at once",
		post("/live/poll", { body: { ...subs, wait: 20 } }),
		{ status: 200, frames: ["hello", "err", "hb"], withinMs: 1000 },
		{ logs: { s: { events: 2, foreign: true } } },
	),
	answered(
		"poll of a stream that has ended is answered at once",
		post("/live/poll", atHead(20)),
		{ status: 200, frames: ["hello", "sub", "live", "end", "hb"], withinMs: 1000 },
		{ logs: { s: { events: 2, closed: true } } },
	),
];

export const httpCases: HttpCase[] = [...refusals, ...answers];
