import { isDeepStrictEqual } from "node:util";
import type { Cursor, ServerFrame } from "#lib/protocol/index.ts";
import { type Bench, filled, inStreams, logNamed, type MadeLog, makeLogs, within } from "./bench.ts";
import type { AskedCursor, ExpectedFrame, ServerCase, Step } from "./case.ts";
import type { Wire, WireConnection } from "./wires.ts";

/** Holds the conversation of a case with a server; throws a sentence about what went otherwise. */
export async function playServerCase(serverCase: ServerCase, wire: Wire, bench: Bench): Promise<void> {
	const made = await makeLogs(bench, serverCase.logs);
	const talk = new Talk(wire, bench, made);
	try {
		for (const step of serverCase.steps) await talk.play(step);
		await talk.settle(serverCase.steps.some((step) => "bye" in step || "closed" in step));
	} finally {
		talk.close();
	}
}

class Talk {
	readonly #wire: Wire;
	readonly #bench: Bench;
	readonly #made: ReadonlyMap<string, MadeLog>;
	#connection: WireConnection | null = null;
	/** How many frames about each log were looked at. */
	readonly #seen = new Map<string, number>();
	#heartbeats = 0;

	constructor(wire: Wire, bench: Bench, made: ReadonlyMap<string, MadeLog>) {
		this.#wire = wire;
		this.#bench = bench;
		this.#made = made;
	}

	async play(step: Step): Promise<void> {
		if ("ask" in step) this.#ask(step.ask);
		else if ("deed" in step) await this.#bench.carryOut(inStreams(step.deed, this.#made));
		else if ("expect" in step) for (const [name, frames] of Object.entries(step.expect)) await this.#expect(name, frames);
		else if ("heartbeat" in step) await this.#heartbeat(step.heartbeat);
		else if ("send" in step) this.#open.send(JSON.stringify(filled(step.send, this.#made)));
		else if ("sendText" in step) this.#open.send(step.sendText);
		else if ("sendBinary" in step) this.#open.send(Uint8Array.from(step.sendBinary));
		else if ("pong" in step) await this.#until((frame) => frame.t === "pong" && frame.n === step.pong, `pong ${step.pong}`);
		else if ("bye" in step) await this.#bye(step.bye);
		else await this.#ended(step.closed);
	}

	/** Nothing may be left that the case does not speak of. */
	async settle(isOver: boolean): Promise<void> {
		const last = 4711;
		if (this.#wire.name === "ws" && !isOver) {
			this.#open.send(JSON.stringify({ t: "ping", n: last }));
			await this.#until((frame) => frame.t === "pong" && frame.n === last, "the last pong");
		}
		if (this.#open.frames[0]?.t !== "hello") throw new Error("the first frame was no hello");
		for (const name of this.#made.keys()) {
			const rest = this.#about(name).slice(this.#seen.get(name) ?? 0);
			if (rest.length > 0) throw new Error(`said too much about ${name}: ${JSON.stringify(rest.map(brief))}`);
		}
	}

	close(): void {
		this.#connection?.close();
	}

	get #open(): WireConnection {
		if (!this.#connection) throw new Error("The case speaks before it has connected.");
		return this.#connection;
	}

	#ask(cursors: Record<string, AskedCursor>): void {
		const subs: Partial<Cursor>[] = Object.entries(cursors).map(([name, { epoch, after }]) => {
			const { stream, epoch: own } = logNamed(this.#made, name);
			return { stream, ...(epoch !== undefined && { epoch: epoch === "$epoch" ? own : epoch }), ...(after !== undefined && { after }) };
		});
		this.#connection = this.#wire.open(this.#bench.url, this.#bench.token, subs);
	}

	/** What was said about a log. */
	#about(name: string): ServerFrame[] {
		const { stream } = logNamed(this.#made, name);
		return this.#open.frames.filter((frame) => "stream" in frame && frame.stream === stream);
	}

	async #expect(name: string, expected: readonly ExpectedFrame[]): Promise<void> {
		for (const one of expected) {
			if ("ev" in one) await this.#events(name, ...one.ev);
			else {
				const frame = await this.#next(name, JSON.stringify(one));
				const told = retell(frame, logNamed(this.#made, name));
				if (!isDeepStrictEqual(told, normal(one)))
					throw new Error(`about ${name}: expected ${JSON.stringify(one)}, got ${JSON.stringify(told)}`);
			}
		}
	}

	async #events(name: string, from: number, to: number): Promise<void> {
		for (let next = from; next <= to; ) {
			const frame = await this.#next(name, `events from ${next} to ${to}`);
			if (frame.t !== "ev") throw new Error(`about ${name}: expected events from ${next} to ${to}, got ${JSON.stringify(brief(frame))}`);
			const seqs = frame.e.map(({ seq }) => seq);
			const range = Array.from({ length: frame.to - frame.from + 1 }, (_, index) => frame.from + index);
			if (frame.from !== next || frame.to > to || !isDeepStrictEqual(seqs, range))
				throw new Error(`about ${name}: expected events from ${next} to ${to}, got ${frame.from} to ${frame.to} with [${seqs}]`);
			if (seqs.length > 200) throw new Error(`${seqs.length} events in one frame`);
			next = frame.to + 1;
		}
	}

	async #next(name: string, awaited: string): Promise<ServerFrame> {
		const place = this.#seen.get(name) ?? 0;
		await this.#until(() => this.#about(name).length > place, `${awaited} about ${name}`);
		this.#seen.set(name, place + 1);
		const frame = this.#about(name)[place];
		if (!frame) throw new Error("unreachable");
		return frame;
	}

	async #heartbeat({ heads, awaiting }: Extract<Step, { heartbeat: unknown }>["heartbeat"]): Promise<void> {
		const expected = Object.fromEntries(Object.entries(heads).map(([name, head]) => [logNamed(this.#made, name).stream, head]));
		const active = Object.entries(awaiting ?? {}).map(([name, text]) => `${logNamed(this.#made, name).stream}: ${text}`);
		const fits = (frame: ServerFrame) =>
			frame.t === "hb" &&
			isDeepStrictEqual(frame.heads, expected) &&
			(!awaiting ||
				isDeepStrictEqual(
					frame.activity.map((activity) => `deployment/${activity.deployment_id}: ${activity.awaiting}`),
					active,
				));
		await this.#until(
			() => {
				const at = this.#open.frames.findIndex((frame, index) => index >= this.#heartbeats && fits(frame));
				if (at >= 0) this.#heartbeats = at + 1;
				return at >= 0;
			},
			`a heartbeat with the heads ${JSON.stringify(expected)} and ${JSON.stringify(active)}`,
		);
	}

	async #bye(code: number): Promise<void> {
		const frame = await this.#until(({ t }) => t === "bye", `bye ${code}`);
		if (frame.t !== "bye" || frame.code !== code) throw new Error(`expected bye ${code}, got ${JSON.stringify(frame)}`);
		const [min, max] = frame.after;
		if (min < 0 || max < min) throw new Error(`bye with a window from ${min} to ${max} ms`);
	}

	async #ended(code: number): Promise<void> {
		const got = await within(this.#bench.patienceMs, this.#open.closed, () => `the connection to be closed with ${code}`);
		if (got !== code) throw new Error(`expected to be closed with ${code}, got ${got}`);
	}

	#until(fits: (frame: ServerFrame) => boolean, awaited: string): Promise<ServerFrame> {
		const { frames } = this.#open;
		return within(this.#bench.patienceMs, this.#open.until(fits), () => `${awaited}; got ${JSON.stringify(frames.slice(-10).map(brief))}`);
	}
}

/** A frame in the words of the cases. */
function retell(frame: ServerFrame, log: MadeLog): ExpectedFrame | ServerFrame {
	if (frame.t === "live") return { live: frame.head };
	if (frame.t === "end") return { end: frame.seq };
	if (frame.t === "err") return { err: frame.code };
	if (frame.t !== "sub") return brief(frame) as ServerFrame;
	const { after, head, min, closed, reset, snap, epoch } = frame;
	const isOther = log.epoch !== "" && epoch !== log.epoch;
	return normal({ sub: { after, head, min, closed, reset, snap: snap?.seq, epoch: isOther ? "changed" : undefined } });
}

/** Without what goes without saying. */
function normal(frame: ExpectedFrame): ExpectedFrame {
	if (!("sub" in frame)) return frame;
	const { after, head, min = 1, closed = false, reset, snap, epoch } = frame.sub;
	return { sub: { after, head, min, closed, reset, snap, epoch } };
}

const brief = (frame: ServerFrame): unknown => (frame.t === "ev" ? { t: "ev", from: frame.from, to: frame.to } : frame);
