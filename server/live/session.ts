import type { ErrorCode } from "#lib/errors.ts";
import {
	type ClientFrame,
	type Cursor,
	closeCodes,
	lostCode,
	maxSubscriptions,
	protocolVersion,
	type ResetReason,
	type ServerFrame,
} from "#lib/protocol/index.ts";
import type { FeedRead, FeedReader } from "./feed.ts";
import { MessageRate } from "./message-rate.ts";
import { Proof } from "./proof.ts";
import { reasonToEnd } from "./reason-to-end.ts";
import { Serial } from "./serial.ts";
import type { SessionContext, SessionLoad, SessionOptions } from "./session-options.ts";
import type { Start } from "./start.ts";
import { heartbeatOf, nextBehind, type Subscription } from "./subscription.ts";
import { EncodedFrame } from "./transports/encoded-frame.ts";
import type { Transport, TransportHandlers } from "./transports/transport.ts";

/** One connection: a set of cursors, and the one loop that moves them. It holds no events. */
export class Session implements TransportHandlers, FeedReader {
	readonly id: string;
	readonly userId: string;
	readonly #openedAt = performance.now();
	readonly #context: SessionContext;
	readonly #options: SessionOptions;
	readonly #transport: Transport;
	readonly #subscriptions = new Map<string, Subscription>();
	readonly #commands: Serial;
	readonly #messages: MessageRate;
	readonly #proof: Proof;
	#closed = false;
	/** The network connection itself is gone. */
	#isGone = false;
	#onGone: (() => void) | null = null;
	#pumping = false;
	#lagSince: number | null = null;
	#emptySince: number | null = performance.now();
	#heartbeats = 0;
	#heartbeatAt: number;
	/** What a reader was led to expect: after one of an active deployment the next is due soon, also when that says that it is over. */
	#heartbeatMs: number;
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
		this.#proof = new Proof(options.principal, options.reauthenticate, limits.reauthenticateMs);
		this.#messages = new MessageRate(limits.maxMessagesPer10S);
		this.#heartbeatAt = this.#openedAt;
		this.#heartbeatMs = limits.firstHeartbeatMs;
		this.#cursorsLeft = options.cursors.length;
		this.#commands = new Serial(limits.maxPendingMessages, (error) => context.onError(this, error));
		this.#transport = options.connect(this);
	}

	/** Begins the conversation, once the hub knows of the session. */
	start(): void {
		const { bootId, limits } = this.#context;
		const { cursors, principal } = this.#options;
		this.#send({ t: "hello", v: protocolVersion, conn: this.id, boot: bootId, hb: limits.heartbeatMs, auth_exp: principal.expiresAt });
		for (const [id, cursor] of cursors.entries()) this.#commands.push(() => this.#take(id, cursor));
	}

	get kind(): Transport["kind"] {
		return this.#transport.kind;
	}

	get via(): SessionOptions["via"] {
		return this.#options.via;
	}

	get since(): Date {
		return new Date(performance.timeOrigin + this.#openedAt);
	}

	/** Settles once the network connection itself is gone. */
	async gone(): Promise<void> {
		if (!this.#isGone) await new Promise<void>((resolve) => (this.#onGone = resolve));
	}

	/** What this connection holds at this moment. */
	load(now: number): SessionLoad {
		return {
			userAgent: this.#options.userAgent,
			subscriptions: [...this.#subscriptions.keys()],
			bufferedBytes: this.#transport.bufferedBytes,
			pendingMessages: this.#commands.waiting,
			lagS: this.#lagSince === null ? 0 : (now - this.#lagSince) / 1000,
		};
	}

	/** Looks at everything that depends on time; `now` is of `performance.now()`, which no setting of the clock moves. */
	tick(now: number): void {
		const { limits } = this.#context;
		const active = this.#isActive();
		if (this.#options.holdMs !== null) {
			if (active && this.#hold && now - this.#openedAt >= limits.activeHoldMs) this.#answer();
			return;
		}
		const code = reasonToEnd(
			{ kind: this.kind, openedAt: this.#openedAt, lagSince: this.#lagSince, emptySince: this.#emptySince },
			limits,
			now,
		);
		if (code !== null) this.close(code);
		if (this.#closed) return;
		this.#transport.tick?.(now);
		if (this.#proof.isDue(now)) void this.#renewProof(now);
		const dueMs = active ? Math.min(limits.activeHeartbeatMs, this.#heartbeatMs) : this.#heartbeatMs;
		if (now - this.#heartbeatAt >= dueMs) this.#heartbeat(now);
		this.wake();
	}

	/** Says `bye` and ends the connection; `after` is when to come back, in milliseconds. */
	close(code: number, after: [number, number] = [0, 0]): void {
		if (this.#closed) return;
		this.#send({ t: "bye", code, after });
		this.#end(code);
	}

	onFrame(frame: ClientFrame): void {
		if (!this.#messages.take(performance.now()) || !this.#commands.push(() => this.#carryOut(frame))) this.close(closeCodes.rate);
	}

	onMalformed(): void {
		this.close(closeCodes.protocol);
	}

	onClose(code: number): void {
		this.#isGone = true;
		this.#onGone?.();
		this.#dispose(code);
	}

	async #take(id: number, cursor: Cursor): Promise<void> {
		try {
			await this.#carryOut({ t: "sub", id, ...cursor });
		} finally {
			this.#cursorsLeft--;
			this.wake();
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
				if (frame.unknown) this.#context.onUnknown(this.kind, frame.unknown);
				this.#send({ t: "pong", n: frame.n });
				break;
			case "ack":
				await this.#context.acknowledge(this.userId, this.#subscriptions.get(frame.stream), frame.seq);
				break;
		}
	}

	async #subscribe({ id, stream, ...cursor }: Extract<ClientFrame, { t: "sub" }>): Promise<void> {
		if (!this.#subscriptions.has(stream) && this.#subscriptions.size >= maxSubscriptions) {
			this.#refuse(id, stream, "too_large");
			return;
		}
		try {
			if (!(await this.#context.authorize(this.#proof.principal, stream))) this.#refuse(id, stream, "not_found");
			else if (!this.#closed) await this.#start(id, stream, cursor);
		} catch (error) {
			this.#refuse(id, stream, "internal");
			throw error;
		}
	}

	async #start(id: number, stream: string, cursor: Omit<Cursor, "stream">): Promise<void> {
		this.#unsubscribe(stream);
		const feed = this.#context.feed(stream);
		feed.watch(this);
		const subscription: Subscription = { feed, epoch: "", after: 0, version: feed.version, live: false, ended: false };
		let start: Start;
		try {
			start = await this.#context.findStart(this.userId, feed, cursor);
		} catch (error) {
			feed.unwatch(this);
			throw error;
		}
		if (this.#closed) {
			feed.unwatch(this);
			return;
		}
		this.#subscriptions.set(stream, subscription);
		this.#emptySince = null;
		this.#context.onSubscribed(this.kind, start.reset ? "reset" : cursor.epoch || cursor.after > 0 ? "resumed" : "new");
		this.#begin(subscription, id, start);
		this.wake();
	}

	#unsubscribe(stream: string): void {
		this.#subscriptions.get(stream)?.feed.unwatch(this);
		this.#subscriptions.delete(stream);
		if (this.#subscriptions.size === 0) this.#emptySince ??= performance.now();
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
		subscription.version = start.version;
		if (snap || start.reset) this.#hasNews = true;
		const { stream } = subscription.feed;
		this.#send({ t: "sub", id, stream, epoch, head, min, closed, after: start.after, reset: start.reset, snap, ...start.attention });
		this.#apply(subscription, start);
	}

	/** Gives what is in memory already, at once, and reads on from the log where that is not enough. */
	wake(): void {
		if (this.#pumping || this.#closed) return;
		try {
			for (let next = nextBehind(this.#subscriptions); next && this.#hasRoom(); next = nextBehind(this.#subscriptions)) {
				const ready = next.feed.newest(next.epoch, next.after);
				if (!ready) {
					void this.#pump();
					return;
				}
				next.version = ready.version;
				this.#apply(next, ready);
			}
		} catch (error) {
			this.#context.onError(this, error);
		}
		if (this.#options.holdMs !== null) this.#settle();
	}

	/** Moves every cursor that is behind, one read at a time, until all stand at their heads or the reader cannot keep up. */
	async #pump(): Promise<void> {
		this.#pumping = true;
		try {
			for (let next = nextBehind(this.#subscriptions); next && this.#hasRoom(); next = nextBehind(this.#subscriptions))
				await this.#advance(next);
		} catch (error) {
			// The cursors stand where they stood; the next tick goes on from there.
			this.#context.onError(this, error);
		}
		this.#pumping = false;
		if (this.#options.holdMs !== null) this.#settle();
	}

	async #advance(subscription: Subscription): Promise<void> {
		const { feed } = subscription;
		const read = await feed.read(subscription.epoch || null, subscription.after);
		if (this.#closed || this.#subscriptions.get(feed.stream) !== subscription) return;
		subscription.version = read.version;
		if (read.result.reset) return this.#restart(subscription, read.result.reset);
		if (!read.frame && subscription.after < read.result.head)
			throw new Error(`The log of ${feed.stream} has nothing after ${subscription.after}`);
		if (!read.frame && feed.version === read.version) feed.head = read.result.head;
		this.#apply(subscription, read);
	}

	/** The log was rewritten or cut under the reader: it starts anew, and is told so. */
	async #restart(subscription: Subscription, reset: ResetReason): Promise<void> {
		const start = await this.#context.findStart(this.userId, subscription.feed, { epoch: null, after: 0 });
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
			if (!this.#transmit(frame)) return;
			subscription.after = result.events.at(-1)?.seq ?? subscription.after;
			this.#hasNews = true;
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

	/** Looks at what is on its way; above the mark only the cursors are kept. */
	#hasRoom(): boolean {
		const { limits } = this.#context;
		if (this.#options.holdMs !== null) return this.#transport.bufferedBytes < limits.maxPollBytes;
		if (this.#lagSince === null && this.#transport.bufferedBytes > limits.highWaterBytes) {
			this.#lagSince = performance.now();
			this.#context.onUndelivered(this.kind, "behind");
		}
		return this.#lagSince === null;
	}

	onDrain(): void {
		if (this.#lagSince === null || this.#transport.bufferedBytes > this.#context.limits.lowWaterBytes) return;
		this.#lagSince = null;
		this.wake();
	}

	#isActive(): boolean {
		for (const stream of this.#subscriptions.keys()) if (this.#context.activityOf(stream)) return true;
		return false;
	}

	#heartbeat(now: number): void {
		this.#heartbeatAt = now;
		// A reader that is behind has frames on their way that say more.
		if (this.#lagSince !== null) return;
		this.#heartbeatMs = this.#isActive() ? this.#context.limits.activeHeartbeatMs : this.#context.limits.heartbeatMs;
		this.#send(heartbeatOf(++this.#heartbeats, this.#subscriptions.values(), this.#context.activityOf));
	}

	/** Poll only: nothing more can be sent for now, so answer what there is, or hold the answer. */
	#settle(): void {
		const { holdMs } = this.#options;
		if (this.#closed || holdMs === null || this.#cursorsLeft > 0) return;
		const longest = this.#isActive() ? this.#context.limits.activeHoldMs : holdMs;
		if (this.#hasNews || holdMs === 0) this.#answer();
		else this.#hold ??= setTimeout(() => this.#answer(), Math.min(holdMs, longest));
	}

	#answer(): void {
		if (this.#closed) return;
		this.#heartbeat(performance.now());
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
		if (!this.#closed) this.#transmit(new EncodedFrame(frame));
	}

	/** False when the connection is gone, and with it this session. */
	#transmit(frame: EncodedFrame): boolean {
		let code: number = lostCode;
		try {
			if (this.#transport.send(frame)) {
				this.#context.onSent(this.kind, frame);
				return true;
			}
		} catch (error) {
			this.#context.onError(this, error);
			code = closeCodes.internal;
		}
		this.#context.onUndelivered(this.kind, "gone");
		this.#dispose(code);
		this.#transport.close(closeCodes.normal);
		return false;
	}

	#end(code: number): void {
		this.#dispose(code);
		this.#transport.close(code);
	}

	#dispose(code: number): void {
		if (this.#closed) return;
		this.#closed = true;
		if (this.#hold) clearTimeout(this.#hold);
		for (const { feed } of this.#subscriptions.values()) feed.unwatch(this);
		this.#subscriptions.clear();
		this.#context.onClosed(this, code);
	}
}
