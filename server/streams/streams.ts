import type { Transaction } from "kysely";
import type { Activity, Cursor, EventDraft, ReadResult, StreamEvent } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { News } from "./news.ts";

/**
 * Append-only streams of events. Everything that happens is appended here in the transaction that makes it true; everything
 * anybody sees is read from here.
 */
export interface Streams {
	/**
	 * Runs `work` in one transaction. What it appends becomes visible, and is announced, only after the commit. A transaction
	 * that fails because the connection broke is tried again for up to 30 s, so `work` must be safe to run twice (it is, when
	 * its appends carry a key). So is one that met another in a deadlock: append to several streams in the same order everywhere.
	 * Throws `database_unavailable` after that, and `disk_full`.
	 */
	write<T>(work: (writer: StreamWriter) => Promise<T>): Promise<T>;
	/** Up to `limit` events (200, or 64 KB, but at least one) after the cursor. An unknown stream is empty (epoch ""), not an error. */
	read(cursor: Cursor, limit?: number): Promise<ReadResult>;
	/**
	 * Reads after the cursor and on, as events are committed, until the stream is closed and read to its end or `signal` aborts.
	 * The first result comes even without events; a result with `reset` is the last. Waits for a database that is away.
	 */
	follow(cursor: Cursor, signal: AbortSignal): AsyncGenerator<ReadResult>;
	/**
	 * Calls back with the new head whenever a stream grew or was closed, on whichever node; answers the function that stops it.
	 * `added` is what a commit of this process wrote, so that readers who stand right before it need not ask the database; null
	 * when another node wrote, or when it is more than one read answers. `watched` names the streams whose growth must not be missed when an announcement between nodes got lost: those are looked
	 * at every few seconds.
	 */
	onGrowth(listener: (stream: string, head: number, added: Addition | null) => void, watched?: () => Iterable<string>): () => void;
	/** Retention: forgets events below `minSeq`. */
	truncate(stream: string, minSeq: number): Promise<void>;
	readonly activity: ActivityBoard;
	readonly news: News;
	/** Ends listening and timers. */
	stop(): Promise<void>;
}

/** What one commit wrote, as a read right before it would answer, and its size in bytes of JSON. */
export interface Addition extends ReadResult {
	bytes: number;
}

export interface StreamWriter {
	readonly trx: Transaction<Schema>;
	/**
	 * Appends drafts in order, creating the stream on its first append. With `once`, a batch that the same attempt already
	 * appended under the same key is answered from the log instead of being written again.
	 */
	append(stream: string, drafts: readonly EventDraft[], options?: AppendOptions): Promise<StreamEvent[]>;
	/** Closes the stream for ever: a later append throws `already_finished`. */
	close(stream: string): Promise<void>;
}

export interface AppendOptions {
	deploymentId?: string;
	once?: { attempt: string; key: string };
	/** Clock of the events; the present by default. */
	at?: Date;
}

/** What active deployments are doing right now: never stored, shared between nodes, forgotten after 30 s without news. */
export interface ActivityBoard {
	set(activity: Activity): void;
	clear(deploymentId: string): void;
	get(deploymentId: string): Activity | null;
	onChange(listener: (activity: Activity) => void): () => void;
}
