import { Counter, Gauge, type Registry } from "prom-client";

/** What is counted of live delivery. */
export interface LiveMetrics {
	/** `via`: why the client did not come over a better transport; null where it did not have to say. */
	opened(transport: string, via: string | null): void;
	closed(transport: string, code: number | "other"): void;
	subscribed(transport: string, outcome: "new" | "resumed" | "reset"): void;
	refused(reason: string): void;
	sent(transport: string, type: string, bytes: number): void;
	undelivered(transport: string, outcome: "behind" | "gone"): void;
	/** Events of types that the page does not know, which it passed over. */
	unknown(transport: string, events: number): void;
}

/** Labels are words of ours: a client must not be able to make new series. */
export function liveMetrics(registers: Registry[]): LiveMetrics {
	const open = new Gauge({ name: "quayside_live_connections", help: "Open live connections.", labelNames: ["transport"], registers });
	const closed = new Counter({
		name: "quayside_live_closed_total",
		help: "Ended live connections, by close code.",
		labelNames: ["transport", "code"],
		registers,
	});
	// Added up here and told when somebody asks: a counter looks its labels up each time, which costs as much as sending a frame.
	const sent = new Map<string, Map<string, { frames: number; bytes: number }>>();
	const frames: Counter = new Counter({
		name: "quayside_live_frames_total",
		help: "Frames sent.",
		labelNames: ["transport", "type"],
		registers,
		collect() {
			frames.reset();
			for (const [transport, types] of sent) for (const [type, sum] of types) frames.inc({ transport, type }, sum.frames);
		},
	});
	const bytes: Counter = new Counter({
		name: "quayside_live_bytes_total",
		help: "Bytes of frames sent.",
		labelNames: ["transport"],
		registers,
		collect() {
			bytes.reset();
			for (const [transport, types] of sent) for (const sum of types.values()) bytes.inc({ transport }, sum.bytes);
		},
	});
	const sumOf = (transport: string, type: string) => {
		const types = sent.get(transport) ?? new Map<string, { frames: number; bytes: number }>();
		const sum = types.get(type) ?? { frames: 0, bytes: 0 };
		sent.set(transport, types.set(type, sum));
		return sum;
	};
	const undelivered = new Counter({
		name: "quayside_live_undelivered_total",
		help: "Readers that fell behind, to read on from the log later (behind), and frames for a connection that was gone (gone).",
		labelNames: ["transport", "outcome"],
		registers,
	});
	const unknown = new Counter({
		name: "quayside_live_unknown_events_total",
		help: "Events that pages passed over because they are older than the server and do not know their type.",
		labelNames: ["transport"],
		registers,
	});
	const fallbacks = new Counter({
		name: "quayside_live_fallbacks_total",
		help: "Connections over a transport that was not the client's first choice, by the reason it gave.",
		labelNames: ["transport", "via"],
		registers,
	});
	const subscriptions = new Counter({
		name: "quayside_live_subscriptions_total",
		help: "Streams asked for: from the start (new), from where the reader stood (resumed), or that its log is another now (reset).",
		labelNames: ["transport", "outcome"],
		registers,
	});
	const refused = new Counter({
		name: "quayside_live_refused_total",
		help: "Connections that were not let in, by the code of the error.",
		labelNames: ["reason"],
		registers,
	});
	return {
		undelivered: (transport, outcome) => undelivered.inc({ transport, outcome }),
		unknown: (transport, events) => unknown.inc({ transport }, events),
		opened(transport, via) {
			open.inc({ transport });
			if (via) fallbacks.inc({ transport, via });
		},
		subscribed: (transport, outcome) => subscriptions.inc({ transport, outcome }),
		refused: (reason) => refused.inc({ reason }),
		closed(transport, code) {
			open.dec({ transport });
			closed.inc({ transport, code });
		},
		sent(transport, type, size) {
			const sum = sent.get(transport)?.get(type) ?? sumOf(transport, type);
			sum.frames++;
			sum.bytes += size;
		},
	};
}
