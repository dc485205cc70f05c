import type { ErrorCode } from "#lib/errors.ts";
import {
	type Activity,
	type ClientFrame,
	type Cursor,
	closeCodes,
	maxSubscriptions,
	protocolVersion,
	type ResetReason,
	type ServerFrame,
} from "#lib/protocol/index.ts";
import type { LiveClient } from "#lib/services.ts";
import type { Feed, FeedRead } from "./feed.ts";
import { createMessageRate } from "./message-rate.ts";
import { createProof, type Proof } from "./proof.ts";
import { createSerial } from "./serial.ts";
import type { SessionContext, SessionOptions } from "./session-options.ts";
import { findStart, type Start } from "./start.ts";
import { type EncodedFrame, encodeFrame, type Transport } from "./transports/transport.ts";

/** A reader's place in one stream. */
interface Subscription {
	readonly feed: Feed;
	readonly unwatch: () => void;
	epoch: string;
	after: number;
	/** Version of the feed at the last read. */
	version: number;
	/** Everything there was at subscription time has been sent. */
	live: boolean;
	ended: boolean;
}

/** One connection: a set of cursors, and the one loop that moves them. It holds no events. */
export class Session {
	readonly id: string;
	readonly userId: string;
	readonly since = Date.now();
	/** Settles once the network connection itself is gone. */
	readonly gone: Promise<void>;
	readonly #context: SessionContext;
	readonly #options: SessionOptions;
	readonly #transport: Transport;
	readonly #subscriptions = new Map<string, Subscription>();
	readonly #commands: ReturnType<typeof createSerial>;
	readonly #messages: ReturnType<typeof createMessageRate>;
	readonly #proof: Proof;
	#closed = false;
	#pumping = false;
	#lagSince: number | null = null;
	#emptySince: number | null = Date.now();
	#heartbeats = 0;
	#heartbeatAt: number;
	#hold: NodeJS.Timeout | null = null;
	/** Cursors of the request that were not looked at yet. */
	#cursorsLeft: number;
	/** Poll only: something was sent that is worth answering for. */
	#hasNews = false;

	constructor(context: SessionContext, options: SessionOptions) {
		const { limits } = context;
		this.id = options.id;
		this.userId = options.principal.user.id;
		this.#context = context;
		this.#options = options;
		this.#proof = createProof(options.principal, options.reauthenticate, limits.reauthenticateMs);
		this.#messages = createMessageRate(limits.maxMessagesPer10S);
		// Makes the first heartbeat due `firstHeartbeatMs` from now.
		this.#heartbeatAt = this.since + limits.firstHeartbeatMs - limits.heartbeatMs;
		this.#cursorsLeft = options.cursors.length;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.gone = promise;
		this.#commands = createSerial(limits.maxPendingMessages, (error) => context.onError(this, error));
		this.#transport = options.connect({
			onFrame: (frame) => this.#receive(frame),
			onMalformed: () => this.close(closeCodes.protocol),
			onDrain: () => this.#drained(),
			onClose: (code) => {
				resolve();
				this.#dispose(code);
			},
		});
		this.#send({
			t: "hello",
			v: protocolVersion,
			conn: this.id,
			boot: context.bootId,
			hb: limits.heartbeatMs,
			auth_exp: options.principal.expiresAt,
		});
		for (const [id, cursor] of options.cursors.entries()) this.#commands.push(() => this.#take(id, cursor));
	}

	get kind(): Transport["kind"] {
		return this.#transport.kind;
	}

	/** Looks at everything that depends on time. */
	tick(now: number): void {
		const { limits } = this.#context;
		const active = this.#activities().length > 0;
		if (this.#options.holdMs !== null) {
			if (active && this.#hold && now - this.since >= limits.activeHoldMs) this.#answer();
			return;
		}
		const code = this.#reasonToEnd(now);
		if (code !== null) {
			this.close(code);
			return;
		}
		if (this.#proof.isDue(now)) void this.#renewProof(now);
		if (now - this.#heartbeatAt >= (active ? limits.activeHeartbeatMs : limits.heartbeatMs)) this.#heartbeat(now);
		this.#wake();
	}

	/** Says `bye` and ends the connection; `after` is when to come back, in milliseconds. */
	close(code: number, after: [number, number] = [0, 0]): void {
		if (this.#closed) return;
		this.#send({ t: "bye", code, after });
		this.#end(code);
	}

	describe(): LiveClient {
		return {
			id: this.id,
			transport: this.kind,
			userId: this.userId,
			since: new Date(this.since).toISOString(),
			userAgent: this.#options.userAgent,
			subscriptions: [...this.#subscriptions.keys()],
			bufferedBytes: this.#transport.bufferedBytes,
		};
	}

	#reasonToEnd(now: number): number | null {
		const { limits } = this.#context;
		if (this.#lagSince !== null && now - this.#lagSince > limits.maxLagMs) return closeCodes.slow;
		if (this.#emptySince !== null && now - this.#emptySince > limits.noSubscriptionMs) return closeCodes.noSubscription;
		if (this.kind === "sse" && now - this.since > limits.sseMaxAgeMs) return closeCodes.normal;
		return null;
	}

	#receive(frame: ClientFrame): void {
		if (!this.#messages.take(Date.now()) || !this.#commands.push(() => this.#carryOut(frame))) this.close(closeCodes.rate);
	}

	async #take(id: number, cursor: Cursor): Promise<void> {
		try {
			await this.#carryOut({ t: "sub", id, ...cursor });
		} finally {
			this.#cursorsLeft--;
			this.#wake();
		}
	}

	async #carryOut(frame: ClientFrame): Promise<void> {
		if (this.#closed) return;
		switch (frame.t) {
			case "sub":
				await this.#subscribe(frame);
				break;
			case "unsub":
				this.#unsubscribe(frame.stream);
				break;
			case "ping":
				this.#send({ t: "pong", n: frame.n });
				break;
			case "ack":
				// Kept by nobody yet: delivery never waits for it.
				break;
		}
	}

	async #subscribe({ id, stream, epoch, after }: Extract<ClientFrame, { t: "sub" }>): Promise<void> {
		if (!this.#subscriptions.has(stream) && this.#subscriptions.size >= maxSubscriptions) {
			this.#refuse(id, stream, "too_large");
			return;
		}
		try {
			if (!(await this.#context.authorize(this.#proof.principal, stream))) this.#refuse(id, stream, "not_found");
			else if (!this.#closed) await this.#start(id, stream, { epoch, after });
		} catch (error) {
			this.#refuse(id, stream, "internal");
			throw error;
		}
	}

	async #start(id: number, stream: string, cursor: Pick<Cursor, "epoch" | "after">): Promise<void> {
		this.#unsubscribe(stream);
		const feed = this.#context.feed(stream);
		const unwatch = feed.watch(() => this.#wake());
		const subscription: Subscription = { feed, unwatch, epoch: "", after: 0, version: feed.version, live: false, ended: false };
		let start: Start;
		try {
			start = await findStart(feed, this.#context.snapshot, cursor);
		} catch (error) {
			unwatch();
			throw error;
		}
		if (this.#closed) {
			unwatch();
			return;
		}
		this.#subscriptions.set(stream, subscription);
		this.#emptySince = null;
		this.#begin(subscription, id, start);
		this.#wake();
	}

	#unsubscribe(stream: string): void {
		this.#subscriptions.get(stream)?.unwatch();
		this.#subscriptions.delete(stream);
		if (this.#subscriptions.size === 0) this.#emptySince ??= Date.now();
	}

	#refuse(id: number, stream: string, code: ErrorCode): void {
		this.#send({ t: "err", id, stream, code });
		this.#hasNews = true;
	}

	#begin(subscription: Subscription, id: number | null, start: Start): void {
		const { epoch, head, min, closed } = start.result;
		const snap = start.snapshot ? { seq: start.snapshot.seq, state: start.snapshot.state } : undefined;
		subscription.epoch = epoch;
		subscription.after = start.after;
		if (snap || start.reset) this.#hasNews = true;
		this.#send({ t: "sub", id, stream: subscription.feed.stream, epoch, head, min, closed, after: start.after, reset: start.reset, snap });
		this.#apply(subscription, start);
	}

	#wake(): void {
		if (!this.#pumping && !this.#closed) void this.#pump();
	}

	/** Moves every cursor that is behind, one read at a time, until all stand at their heads or the reader cannot keep up. */
	async #pump(): Promise<void> {
		this.#pumping = true;
		try {
			for (let next = this.#nextBehind(); next && this.#hasRoom(); next = this.#nextBehind()) await this.#advance(next);
		} catch (error) {
			// The cursors stand where they stood; the next tick goes on from there.
			this.#context.onError(this, error);
		}
		this.#pumping = false;
		if (this.#options.holdMs !== null) this.#settle();
	}

	#nextBehind(): Subscription | undefined {
		for (const [stream, subscription] of this.#subscriptions) {
			if (subscription.ended || isAtHead(subscription)) continue;
			// To the end of the line, so that a busy stream does not hold up the others.
			this.#subscriptions.delete(stream);
			this.#subscriptions.set(stream, subscription);
			return subscription;
		}
		return undefined;
	}

	async #advance(subscription: Subscription): Promise<void> {
		const { feed } = subscription;
		subscription.version = feed.version;
		const read = await feed.read(subscription.epoch || null, subscription.after);
		if (this.#closed || this.#subscriptions.get(feed.stream) !== subscription) return;
		if (read.result.reset) return this.#restart(subscription, read.result.reset);
		if (!read.frame && subscription.after < read.result.head)
			throw new Error(`The log of ${feed.stream} has nothing after ${subscription.after}`);
		if (!read.frame && feed.version === subscription.version) feed.head = read.result.head;
		this.#apply(subscription, read);
	}

	/** The log was rewritten or cut under the reader: it starts anew, and is told so. */
	async #restart(subscription: Subscription, reset: ResetReason): Promise<void> {
		const start = await findStart(subscription.feed, this.#context.snapshot, { epoch: null, after: 0 });
		if (this.#closed || this.#subscriptions.get(subscription.feed.stream) !== subscription) return;
		subscription.live = false;
		subscription.feed.head = start.result.head;
		this.#begin(subscription, null, { ...start, reset });
	}

	#apply(subscription: Subscription, { result, frame }: FeedRead): void {
		const { feed } = subscription;
		const { stream } = feed;
		feed.head = Math.max(feed.head, result.head);
		// A stream that did not exist yet gets its epoch with its first event.
		subscription.epoch ||= result.epoch;
		if (frame) {
			subscription.after = result.events.at(-1)?.seq ?? subscription.after;
			this.#hasNews = true;
			this.#transmit(frame);
		}
		if (subscription.after < result.head) return;
		if (!subscription.live) {
			subscription.live = true;
			this.#send({ t: "live", stream, head: subscription.after });
		}
		if (result.closed && !subscription.ended) {
			subscription.ended = true;
			this.#hasNews = true;
			this.#send({ t: "end", stream, seq: subscription.after });
		}
	}

	/** Looks at what the network has not taken yet; above the mark only the cursors are kept. */
	#hasRoom(): boolean {
		const { limits } = this.#context;
		if (this.#options.holdMs !== null) return this.#transport.bufferedBytes < limits.maxPollBytes;
		if (this.#lagSince === null && this.#transport.bufferedBytes > limits.highWaterBytes) this.#lagSince = Date.now();
		return this.#lagSince === null;
	}

	#drained(): void {
		if (this.#lagSince === null || this.#transport.bufferedBytes > this.#context.limits.lowWaterBytes) return;
		this.#lagSince = null;
		this.#wake();
	}

	#activities(): Activity[] {
		const found: Activity[] = [];
		for (const stream of this.#subscriptions.keys()) {
			const activity = this.#context.activityOf(stream);
			if (activity) found.push(activity);
		}
		return found;
	}

	#heartbeat(now: number): void {
		this.#heartbeatAt = now;
		// A reader that is behind has frames on their way that say more.
		if (this.#lagSince !== null) return;
		const heads: Record<string, number> = {};
		for (const { feed, after, live } of this.#subscriptions.values()) heads[feed.stream] = live ? feed.head : after;
		this.#send({ t: "hb", n: ++this.#heartbeats, heads, activity: this.#activities() });
	}

	/** Poll only: nothing more can be sent for now, so answer what there is, or hold the answer. */
	#settle(): void {
		const { holdMs } = this.#options;
		if (this.#closed || holdMs === null || this.#cursorsLeft > 0) return;
		if (this.#hasNews || holdMs === 0) {
			this.#answer();
			return;
		}
		const active = this.#activities().length > 0;
		this.#hold ??= setTimeout(() => this.#answer(), active ? Math.min(holdMs, this.#context.limits.activeHoldMs) : holdMs);
	}

	#answer(): void {
		if (this.#closed) return;
		this.#heartbeat(Date.now());
		this.#end(closeCodes.normal);
	}

	async #renewProof(now: number): Promise<void> {
		try {
			if (!(await this.#proof.renew(now))) this.close(closeCodes.authExpired);
		} catch (error) {
			this.#context.onError(this, error);
		}
	}

	#send(frame: ServerFrame): void {
		if (!this.#closed) this.#transmit(encodeFrame(frame));
	}

	#transmit(frame: EncodedFrame): void {
		this.#transport.send(frame);
		this.#context.onSent(this.kind, frame);
	}

	#end(code: number): void {
		this.#dispose(code);
		this.#transport.close(code);
	}

	#dispose(code: number): void {
		if (this.#closed) return;
		this.#closed = true;
		if (this.#hold) clearTimeout(this.#hold);
		for (const { unwatch } of this.#subscriptions.values()) unwatch();
		this.#subscriptions.clear();
		this.#context.onClosed(this, code);
	}
}

function isAtHead({ live, version, after, feed }: Subscription): boolean {
	return live && version === feed.version && after >= feed.head;
}
