import { StringDecoder } from "node:string_decoder";
import type { AgentName, EventDraft, LogLine, Reporter, Stage } from "../../lib/protocol/index.ts";
import { maxEventBytes } from "../../lib/protocol/index.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { Ledger } from "./ledger.ts";
import { LineSplitter } from "./line-splitter.ts";

export interface AttemptIdentity {
	/** Id of the attempt's row; also the mark of its processes. */
	id: string;
	deploymentId: string;
	stage: Stage;
	agent: AgentName;
	number: number;
	fence: number;
}

export interface AttemptRecorder extends Reporter {
	/** Appends a state event, in order behind the log lines before it, and commits it at once. */
	record(draft: EventDraft, within?: Parameters<Ledger["record"]>[4]): Promise<void>;
	/** Commits everything said so far; throws what made an append impossible (`stale_attempt`, `database_unavailable`). */
	flush(): Promise<void>;
	/** Drafts that were not committed yet, so that the attempt's last word carries them in its own transaction. */
	drain(): Promise<EventDraft[]>;
	/** What is awaited, since when, and when the last output came. */
	observe(): { awaiting: string; since: string; lastOutputAt: string | null };
	/** Number of the log line with which the given line text was recorded last, if it is among the newest. */
	lineNumber(text: string): number | null;
	/** Takes secrets out of a whole text. */
	redact(text: string): string;
}

/** Log lines wait at most this long, or for this many of them; state events do not wait. */
const batchMs = 50;
const batchLines = 200;
/** Bound on lines that a slow database makes wait; the rest is counted and said. */
const maxPendingBytes = 16 * 1024 * 1024;
/** A stage says something new at most this often; the newest wins. */
const progressMs = 500;

interface RecorderOptions {
	ledger: Ledger;
	attempt: AttemptIdentity;
	/** Lines in the deployment's log before this attempt. */
	logLines: number;
	/** Makes what takes secrets out of a stream of text before it is stored. */
	createRedactor: () => Redactor;
	/** Called once when an append is refused for good; the attempt must end. */
	onRefused: (error: unknown) => void;
}

/** Turns what an attempt says into events: numbers its lines, batches them, keeps the order, and writes each batch once. */
export function createAttemptRecorder({ ledger, attempt, logLines, createRedactor, onRefused }: RecorderOptions): AttemptRecorder {
	const outputs = { stdout: openOutput(), stderr: openOutput(), quayside: openOutput() };
	const { redact } = createRedactor();
	const newest = new Map<string, number>();
	let pending: EventDraft[] = [];
	let lines: LogLine[] = [];
	let pendingBytes = 0;
	let lost = 0;
	let number = logLines;
	let batch = 0;
	let timer: NodeJS.Timeout | null = null;
	let chain: Promise<void> = Promise.resolve();
	let refused: unknown = null;
	let awaiting = "";
	let since = new Date().toISOString();
	let lastOutputAt: string | null = null;
	let progress: { text: string; percent: number | null } | null = null;
	let progressAt = 0;
	let percentSoFar: number | null = null;

	function openOutput() {
		return { decoder: new StringDecoder("utf8"), redactor: createRedactor(), splitter: new LineSplitter() };
	}

	function write(within?: Parameters<Ledger["record"]>[4]): Promise<void> {
		chain = chain.then(async () => {
			const drafts = takePending();
			if (refused || (drafts.length === 0 && !within)) return;
			try {
				await ledger.record(attempt.deploymentId, attempt.fence, drafts, { attempt: attempt.id, key: `${++batch}` }, within);
			} catch (error) {
				refused = error;
				onRefused(error);
			}
		});
		return chain;
	}

	function takePending(): EventDraft[] {
		if (timer) clearTimeout(timer);
		timer = null;
		const wait = progressAt + progressMs - Date.now();
		if (wait <= 0) takeProgress();
		else if (progress) timer = setTimeout(() => void write(), wait);
		sealLines();
		const drafts = pending;
		pending = [];
		pendingBytes = 0;
		return drafts;
	}

	/** Puts the collected lines into `log` events that stay below the size of an event. */
	function sealLines(): void {
		let part: LogLine[] = [];
		let bytes = 0;
		for (const line of lines) {
			const size = Buffer.byteLength(JSON.stringify(line));
			if (part.length > 0 && (bytes + size > maxEventBytes - 2048 || part.length === batchLines)) {
				pending.push(logDraft(part));
				part = [];
				bytes = 0;
			}
			part.push(line);
			bytes += size;
		}
		if (part.length > 0) pending.push(logDraft(part));
		lines = [];
	}

	function logDraft(part: LogLine[]): EventDraft {
		const first = part[0] as LogLine;
		return {
			type: "log",
			stage: attempt.stage,
			agent_name: attempt.agent,
			content: "",
			metadata: { first: first.n, last: first.n + part.length - 1, lines: part },
		};
	}

	function addLine(text: string, from: LogLine["from"]): void {
		if (pendingBytes > maxPendingBytes) {
			lost++;
			return;
		}
		if (lost > 0) {
			const note = `… [${lost} lines were not kept, because they came faster than they could be stored]`;
			lost = 0;
			addLine(note, "quayside");
		}
		const line: LogLine = { n: ++number, at: new Date().toISOString(), from, text };
		remember(line);
		lines.push(line);
		pendingBytes += text.length + 80;
		if (lines.length >= batchLines) void write();
		else timer ??= setTimeout(() => void write(), batchMs);
	}

	function remember({ text, n }: LogLine): void {
		newest.set(text, n);
		if (newest.size <= 2000) return;
		const oldest = newest.keys().next().value;
		if (oldest !== undefined) newest.delete(oldest);
	}

	function takeProgress(): void {
		if (!progress) return;
		const { text, percent } = progress;
		progress = null;
		progressAt = Date.now();
		sealLines();
		pending.push({
			type: "stage_progress",
			stage: attempt.stage,
			agent_name: attempt.agent,
			content: redact(text),
			metadata: { attempt: attempt.number, fence: attempt.fence, progress: percent },
		});
	}

	return {
		progress(text, percent = null) {
			if (percent !== null) percentSoFar = Math.max(percentSoFar ?? 0, Math.min(100, percent));
			progress = { text, percent: percentSoFar };
			const wait = Math.max(0, progressAt + progressMs - Date.now());
			if (wait === 0) void write();
			else timer ??= setTimeout(() => void write(), wait);
		},
		awaiting(text) {
			if (text === awaiting) return;
			awaiting = text;
			since = new Date().toISOString();
		},
		output(chunk, from) {
			lastOutputAt = new Date().toISOString();
			const { decoder, redactor, splitter } = outputs[from];
			const text = typeof chunk === "string" ? chunk : decoder.write(chunk as Buffer);
			for (const line of splitter.push(redactor.push(text))) addLine(line, from);
		},
		async record(draft, within) {
			// Whoever says too much hears of it here; in the log it would make the attempt, and each one after it, end without a word.
			if (Buffer.byteLength(JSON.stringify(draft)) > maxEventBytes - 2048)
				throw new RangeError(`A draft of type ${draft.type} is too large.`);
			takeProgress();
			sealLines();
			pending.push({ stage: attempt.stage, agent_name: attempt.agent, ...draft });
			await write(within);
			if (refused) throw refused;
		},
		async flush() {
			await write();
			if (refused) throw refused;
		},
		async drain() {
			for (const from of ["stdout", "stderr", "quayside"] as const) {
				const { decoder, redactor, splitter } = outputs[from];
				for (const line of splitter.push(redactor.push(decoder.end()) + redactor.flush())) addLine(line, from);
				const rest = splitter.end();
				if (rest !== null) addLine(rest, from);
			}
			await chain;
			takeProgress();
			const drafts = takePending();
			if (timer) clearTimeout(timer);
			return drafts;
		},
		observe: () => ({ awaiting, since, lastOutputAt }),
		lineNumber: (text) => newest.get(text) ?? null,
		redact,
	};
}
