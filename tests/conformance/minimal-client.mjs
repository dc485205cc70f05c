// A whole client of the live protocol, written from docs/protocol.md alone: any JavaScript with fetch and WebSocket runs it.
// It reads one stream over one transport and prints what its reader is told. It cannot cross every network: it does not race.
const { QUAYSIDE_URL: url, QUAYSIDE_TOKEN: token, QUAYSIDE_STREAM: stream, QUAYSIDE_OVER: over = "ws" } = process.env;
const headers = { authorization: `Bearer ${token}` };
const tell = (what) => console.log(JSON.stringify(what));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let epoch = process.env.QUAYSIDE_EPOCH || null;
let last = Number(process.env.QUAYSIDE_AFTER ?? 0);
/** We know nothing of the stream until its `sub` has come. */
let isNew = epoch === null && last === 0;
let behindSince = null;
let failures = 0;
const cursor = () => ({ stream, epoch, after: last });

/** "Ask again" is at most once a second: answers how long to wait until then. */
let askedAgainAt = 0;
function untilAgain() {
	const wait = Math.max(0, askedAgainAt + 1000 - Date.now());
	if (wait === 0) askedAgainAt = Date.now();
	return wait;
}

/** Takes a frame by the rules of a reader; answers "again" when something is missing, and "done" when nothing will come. */
function take(frame) {
	if (frame.t === "hello") failures = 0;
	if (frame.t === "hb" && frame.heads[stream] > last) {
		behindSince ??= Date.now();
		if (Date.now() - behindSince < 2000) return "on";
		behindSince = null;
		return "again";
	}
	if (frame.t === "bye" && frame.code >= 4500) return "done";
	if (frame.stream !== stream) return "on";
	if (frame.t === "err") {
		if (frame.code === "internal") return "again";
		tell({ error: frame.code });
		return "done";
	}
	if (frame.t === "sub") return takeSub(frame);
	if (frame.t === "ev" && !isNew) {
		epoch ??= frame.epoch;
		if (frame.epoch !== epoch || frame.from > last + 1) return "again";
		for (const { seq } of frame.e.filter(({ seq }) => seq > last)) {
			last = seq;
			tell({ apply: seq });
		}
		behindSince = null;
	}
	if (frame.t === "end") {
		if (frame.seq !== last) return "again";
		tell({ end: last });
		return "done";
	}
	return "on";
}

function takeSub({ reset, snap, after, head, ...frame }) {
	const isOldNews = !isNew && frame.epoch === epoch && (reset === "ahead" ? last <= head : last >= after);
	if (reset ? isOldNews : !isNew) {
		epoch ??= frame.epoch || null;
		return after > last || (frame.epoch && frame.epoch !== epoch) ? "again" : "on";
	}
	[isNew, epoch, last] = [false, frame.epoch || null, after];
	if (reset) tell({ reset });
	if (snap) tell({ snapshot: snap.seq });
	return "on";
}

const post = (path, body) =>
	fetch(url + path, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(400_000) });
const isFinal = ({ status }) => [400, 401, 403, 405, 413].includes(status);

/** One connection from its beginning to its end: "done", or when to come back in milliseconds. */
const transports = {
	async poll() {
		const response = await post("/live/poll", { subs: [cursor()], wait: 20 });
		if (!response.ok) return isFinal(response) ? "done" : Number(response.headers.get("retry-after") ?? 1) * 1000;
		return takeAll(await response.json());
	},
	async sse() {
		const response = await post("/live/sse", { subs: [cursor()] });
		if (!response.ok) return isFinal(response) ? "done" : Number(response.headers.get("retry-after") ?? 1) * 1000;
		let text = "";
		for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
			const events = (text + chunk).split("\n\n");
			text = events.pop();
			const verdict = takeAll(events.filter((one) => one.startsWith("data: ")).map((one) => JSON.parse(one.slice(6))));
			// Asking again is another request; leaving this loop ends the one before.
			if (verdict !== null) return verdict;
		}
		return null;
	},
	ws: () =>
		new Promise((resolve) => {
			const socket = new WebSocket(`${url.replace("http", "ws")}/live/ws`, { headers });
			let id = 0;
			const ask = () => socket.send(JSON.stringify({ t: "sub", id: ++id, ...cursor() }));
			socket.onopen = ask;
			socket.onmessage = ({ data }) => {
				const frame = JSON.parse(data);
				const verdict = take(frame);
				// What is refused here is asked for when the next heartbeat says that we are behind.
				if (verdict === "again" && untilAgain() === 0) ask();
				if (verdict === "done" || frame.t === "bye") {
					socket.close();
					resolve(verdict === "done" ? "done" : within(frame.after));
				}
			};
			socket.onclose = ({ code }) => resolve(code >= 4500 ? "done" : null);
		}),
};

const within = ([min, max]) => min + Math.random() * (max - min);

/** "done", or when to come back where the server or a gap says so; else null. */
function takeAll(frames) {
	for (const frame of frames) {
		const verdict = take(frame);
		if (verdict === "done") return "done";
		if (verdict === "again") return untilAgain();
		if (frame.t === "bye") return within(frame.after);
	}
	return null;
}

for (let outcome = null; outcome !== "done"; ) {
	outcome = await transports[over]().catch(() => null);
	if (outcome !== "done") await sleep(outcome ?? Math.random() * Math.min(4000, 250 * 2 ** failures++));
}
process.exit();
