import { createLiveClient } from "#lib/live/client.ts";
import type { Timings } from "#lib/live/timings.ts";

/** A page that shows a stream as it comes: one line an event, and what a test wants to know on `body`. */
const query = new URLSearchParams(location.search);
const stream = query.get("stream") ?? "";
const list = document.body.appendChild(document.createElement("ol"));
const said = document.body.dataset;
let latestMs = 0;
let isLive = false;

const client = createLiveClient({
	origin: location.origin,
	timings: JSON.parse(query.get("timings") ?? "{}") as Timings,
	storage: localStorage,
});
client.onStatus(({ transport, kind }) => {
	said.kind = kind;
	said.transport = transport ?? "";
});
client.subscribe(
	stream,
	{ epoch: null, after: 0 },
	{
		onEvents(events) {
			for (const event of events) {
				const line = list.appendChild(document.createElement("li"));
				line.textContent = `${event.seq} ${event.id} ${event.content}`;
				if (isLive) latestMs = Math.max(latestMs, Date.now() - Date.parse(event.timestamp));
			}
			said.first ??= String(Math.round(performance.now()));
			said.latest = String(Math.round(latestMs));
		},
		onLive: () => {
			isLive = true;
		},
		onReset: (reason) => {
			said.problem = `reset ${reason}`;
		},
		onError: (code) => {
			said.problem = `error ${code}`;
		},
		onEnd: (seq) => {
			said.ended = String(seq);
		},
	},
);
