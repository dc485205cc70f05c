import { type LogEntry, type LogPage, maxLogPageLines, type StreamEvent } from "../protocol/index.ts";
import { capacityOf, chunkOf, chunkStart, type LogChunk, withoutLine } from "./log-chunk.ts";

/** Asks the server for the newest `limit` lines before a line. */
export type ReadLogPage = (query: { before: number; limit: number }, signal: AbortSignal) => Promise<LogPage>;

/**
 * A deployment's log, outside of React's state so that a thousand lines a second cost one paint a frame. Every line has its place by
 * its number, whether it came over the live stream or in a page: the order of arrival cannot lose or double one. Lines that are
 * known to exist and are not here are fetched when somebody wants them, and of many only the newest and those near where somebody looks
 * are kept.
 */
export interface LogStore {
	/** Calls back after the log has changed, at most once a frame. */
	subscribe(listener: () => void): () => void;
	/** Changes whenever the log has. */
	version(): number;
	/** Numbers of the oldest line that can be shown and of the newest that exists; none exist while `last` is 0. */
	first(): number;
	last(): number;
	/** The line of a number; undefined while it is not here. */
	at(n: number): LogEntry | undefined;
	/** What is here, oldest first. A chunk that has got more lines has another `count`. */
	chunks(): readonly LogChunk[];
	/** Lines that are known to exist and not here. */
	missing(): number;
	/** True while lines that somebody wants could not be fetched; it is tried again. */
	failing(): boolean;
	/** Somebody looks at these lines. */
	want(from: number, to: number): void;
	/** Somebody needs all lines, until the answer is called. */
	wantAll(): () => void;
	/** Resolves when no line is missing. */
	whole(signal?: AbortSignal): Promise<void>;
	append(event: StreamEvent): void;
	put(lines: readonly LogEntry[]): void;
	/** Forgets every line; lines up to `last` exist. */
	restart(last: number): void;
	/** Ends what is being fetched, until somebody wants lines again. */
	stop(): void;
}

export const maxLogLines = 200_000;
/** Chunks that are kept while nobody needs all lines; of the newest that many, for whoever comes back to the end. */
const keptChunks = 8;
const keptNewest = 3;
const viewPageLines = 1000;
const firstRetryMs = 500;
const maxRetryMs = 10_000;

interface LogStoreOptions {
	/** Runs its argument soon, once for any number of lines: `requestAnimationFrame` in a browser. */
	schedule: (work: () => void) => void;
	read: ReadLogPage;
	/** Lines that exist already. */
	last: number;
	/** Those of them that are here already. */
	lines?: readonly LogEntry[];
	limit?: number;
}

export function createLogStore({ schedule, read, last: known, lines = [], limit = maxLogLines }: LogStoreOptions): LogStore {
	const listeners = new Set<() => void>();
	let chunks: LogChunk[] = [];
	let version = 0;
	let scheduled = false;
	let last = known;
	/** The server has nothing before it. */
	let floor = 1;
	let view: { from: number; to: number } | null = null;
	let holders = 0;
	/** The request under way; another object after a restart, so that an answer about the log before is dropped. */
	let fetching: AbortController | null = null;
	let retry: ReturnType<typeof setTimeout> | null = null;
	let failures = 0;
	function changed(): void {
		if (scheduled) return;
		scheduled = true;
		schedule(() => {
			scheduled = false;
			version++;
			for (const listener of [...listeners]) listener();
		});
	}

	/** The window moves a whole chunk at a time: it makes every row another one. */
	const first = (): number => Math.max(floor, last > limit ? chunkStart(chunkOf(last - limit) + 1) : 1);
	const find = (id: number): LogChunk | undefined => {
		const newest = chunks.at(-1);
		return newest?.id === id ? newest : chunks.find((chunk) => chunk.id === id);
	};

	function place(line: LogEntry): void {
		if (line.n < first()) return;
		const id = chunkOf(line.n);
		let chunk = find(id);
		if (!chunk) {
			chunk = { id, lines: [], count: 0 };
			const after = chunks.findIndex((other) => other.id > id);
			chunks.splice(after < 0 ? chunks.length : after, 0, chunk);
		}
		const index = line.n - chunkStart(id);
		if (chunk.lines[index]) return;
		chunk.lines[index] = line;
		chunk.count++;
	}

	function take(arrived: readonly LogEntry[]): void {
		for (const line of arrived) {
			last = Math.max(last, line.n);
			place(line);
		}
		const oldest = chunkOf(first());
		if ((chunks[0]?.id ?? oldest) < oldest) chunks = chunks.filter((chunk) => chunk.id >= oldest);
		if (holders === 0 && chunks.length > keptChunks) forgetUnseen();
	}

	/** A tab that watches for hours keeps no more than one that has just come. */
	function forgetUnseen(): void {
		const newest = chunkOf(last) - keptNewest;
		const seen = view && { from: chunkOf(Math.max(1, view.from)) - 1, to: chunkOf(Math.max(1, view.to)) + 1 };
		const isNeeded = ({ id }: LogChunk): boolean => id > newest || (seen !== null && id >= seen.from && id <= seen.to);
		let surplus = chunks.length - keptChunks;
		chunks = chunks.filter((chunk) => isNeeded(chunk) || surplus-- <= 0);
	}

	function put(arrived: readonly LogEntry[]): void {
		take(arrived);
		changed();
	}

	const missing = (): number => (last === 0 ? 0 : last - first() + 1 - chunks.reduce((sum, chunk) => sum + countFrom(chunk, first()), 0));

	/** The newest line between the two that is not here. */
	function newestMissing(from: number, to: number): number | null {
		const end = Math.min(to, last);
		const start = Math.max(from, first());
		for (let id = chunkOf(Math.max(end, 1)); end >= start && id >= chunkOf(start); id--) {
			const chunk = find(id);
			const top = Math.min(end, chunkStart(id + 1) - 1);
			if (!chunk) return top;
			if (chunk.count === capacityOf(id, last)) continue;
			const n = withoutLine(chunk, Math.max(start, chunkStart(id)), top);
			if (n !== null) return n;
		}
		return null;
	}

	/** What to ask for next: what is looked at before what is only searched. */
	function nextQuery(): { before: number; limit: number } | null {
		const seen = view ? newestMissing(view.from, view.to) : null;
		if (seen !== null) return { before: seen + 1, limit: Math.min(viewPageLines, seen) };
		const wanted = holders > 0 ? newestMissing(1, last) : null;
		return wanted === null ? null : { before: wanted + 1, limit: Math.min(maxLogPageLines, wanted) };
	}

	function fetchMore(): void {
		if (fetching || retry) return;
		const query = nextQuery();
		if (!query) return;
		const mine = new AbortController();
		fetching = mine;
		read(query, mine.signal).then(
			(page) => fetching === mine && takePage(query, page),
			() => fetching === mine && fail(),
		);
	}

	function takePage(query: { before: number }, page: LogPage): void {
		fetching = null;
		floor = Math.max(floor, page.last === 0 ? query.before : page.first);
		put(page.lines);
		// A line that exists is always in its answer. Should it not be, asking on and on would help nobody.
		const came = query.before - 1 < first() || page.lines.at(-1)?.n === query.before - 1;
		if (came) {
			failures = 0;
			fetchMore();
		} else fail();
	}

	function fail(): void {
		fetching = null;
		failures++;
		changed();
		retry = setTimeout(
			() => {
				retry = null;
				fetchMore();
			},
			Math.min(maxRetryMs, firstRetryMs * 2 ** (failures - 1)),
		);
	}

	function endFetching(): void {
		fetching?.abort();
		fetching = null;
		if (retry) clearTimeout(retry);
		retry = null;
		failures = 0;
	}

	function wantAll(): () => void {
		holders++;
		fetchMore();
		let held = true;
		return () => {
			if (held) holders--;
			held = false;
		};
	}

	take(lines);
	return {
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		version: () => version,
		first,
		last: () => last,
		at: (n) => find(chunkOf(n))?.lines[n - chunkStart(chunkOf(n))],
		chunks: () => chunks,
		missing,
		failing: () => failures > 0,
		want(from, to) {
			view = { from, to };
			fetchMore();
		},
		wantAll,
		whole(signal) {
			const release = wantAll();
			return new Promise<void>((resolve, reject) => {
				const end = (): void => {
					listeners.delete(look);
					signal?.removeEventListener("abort", end);
					release();
					if (missing() > 0) reject(signal?.reason);
					else resolve();
				};
				const look = (): void => {
					if (missing() === 0) end();
				};
				listeners.add(look);
				signal?.addEventListener("abort", end, { once: true });
				if (signal?.aborted) end();
				else look();
			});
		},
		append(event) {
			if (event.type === "log") put(event.metadata.lines.map((line) => ({ ...line, stage: event.stage })));
		},
		put,
		restart(next) {
			endFetching();
			chunks = [];
			last = next;
			floor = 1;
			changed();
			fetchMore();
		},
		stop() {
			view = null;
			endFetching();
		},
	};
}

/** Lines of a chunk from a number on: the oldest chunk may begin before the log that is shown. */
function countFrom(chunk: LogChunk, from: number): number {
	const start = chunkStart(chunk.id);
	if (from <= start) return chunk.count;
	let count = 0;
	for (let index = from - start; index < chunk.lines.length; index++) if (chunk.lines[index]) count++;
	return count;
}
