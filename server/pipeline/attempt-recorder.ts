import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import type { AgentName, EventDraft, LogLine, Metadata, Reporter, Stage } from "../../lib/protocol/index.ts";
import { maxEventBytes } from "../../lib/protocol/index.ts";
import type { GrowingMessage } from "../agents/agent.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { Ledger } from "./ledger.ts";
import { LineSplitter } from "./line-splitter.ts";
import { LogLines } from "./log-lines.ts";
import { Speech } from "./speech.ts";

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
	/**
	 * Appends a state event, in order behind the log lines before it, and commits it at once; throws what makes an append
	 * impossible (`stale_attempt`, `database_unavailable`, `disk_full`).
	 */
	record(draft: EventDraft, within?: Parameters<Ledger["record"]>[4]): Promise<void>;
	/** Drafts that were not committed yet, so that the attempt's last word carries them in its own transaction. */
	drain(): Promise<EventDraft[]>;
	/** What is awaited, since when, and when the last output came. */
	observe(): { awaiting: string; since: string; lastOutputAt: string | null };
	/** Number of the log line with which the given line text was recorded last, if it is among the newest. */
	lineNumber(text: string): number | null;
	/** Takes secrets out of a whole text. */
	redact(text: string): string;
	/** Begins a message that grows; what was not ended of the one before it is never final. */
	speak(): GrowingMessage;
}

/** Log lines and parts of messages wait at most this long, or for this many of them; state events do not wait. */
const batchMs = 50;
const batchLines = 500;
/** What is written in one transaction, so that neither the database nor this process is held up for long. */
const batchBytes = 256 * 1024;
/** Above this much that is not committed yet, output is not read on until half of it is. */
const highWaterBytes = 1024 * 1024;
/** A stage says something new at most this often; the newest wins. */
const progressMs = 500;
/** Lines that can be found again by their text. */
const rememberedLines = 2000;

type Within = Parameters<Ledger["record"]>[4];

/** Something said that is not committed yet. */
interface Said {
	draft: EventDraft;
	bytes: number;
	/** What else is written in the transaction of this draft. */
	within?: Within;
	/** Called once it is committed, or refused. */
	settle?: () => void;
}

interface RecorderOptions {
	ledger: Pick<Ledger, "record">;
	attempt: AttemptIdentity;
	/** Lines in the deployment's log before this attempt. */
	logLines: number;
	/** Makes what takes secrets out of a stream of text before it is stored. */
	createRedactor: () => Redactor;
	/** Called once when an append is refused for good; the attempt must end. */
	onRefused: (error: unknown) => void;
}

/** Failures repeat lines without colours, and cut. */
const comparedChars = 300;
const plainLine = (text: string): string => stripVTControlCharacters(text).trim().slice(0, comparedChars);

/** Turns what an attempt says into events: numbers its lines, batches them, keeps the order, and writes each batch once. */
export function createAttemptRecorder({ ledger, attempt, logLines, createRedactor, onRefused }: RecorderOptions): AttemptRecorder {
	const outputs = { stdout: openOutput(), stderr: openOutput(), quayside: openOutput() };
	const { redact } = createRedactor();
	const newest = new Map<string, number>();
	const lines = new LogLines(logLines);
	const said: Said[] = [];
	/** Said, or being written. */
	let waitingBytes = 0;
	let batch = 0;
	let timer: NodeJS.Timeout | null = null;
	let wakeAt = 0;
	let writing: Promise<void> | null = null;
	/** Settles when there is room for more output. */
	let room: PromiseWithResolvers<void> | null = null;
	let refused: unknown = null;
	let awaiting = "";
	let since = new Date().toISOString();
	let lastOutputAt: string | null = null;
	let progress: { text: string; percent: number | null } | null = null;
	let progressAt = Number.NEGATIVE_INFINITY;
	let percentSoFar: number | null = null;
	let speech: Speech | null = null;
	let speechAt = Number.NEGATIVE_INFINITY;

	function openOutput() {
		return { decoder: new StringDecoder("utf8"), redactor: createRedactor(), splitter: new LineSplitter() };
	}

	/** Writes what there is, batch by batch, until the rest may wait for more. */
	function write(): Promise<void> {
		writing ??= writeAll().finally(() => {
			writing = null;
			wakeLater();
		});
		return writing;
	}

	async function writeAll(): Promise<void> {
		do {
			const { taken, bytes } = takeBatch();
			if (refused || taken.length === 0) return settle([...taken, ...said.splice(0)]);
			const drafts = taken.map(({ draft }) => draft);
			const alongside = taken.flatMap(({ within }) => (within ? [within] : []));
			const within: Within =
				alongside.length === 0
					? undefined
					: async (writer) => {
							for (const one of alongside) await one(writer);
						};
			const key = { attempt: attempt.id, key: `${++batch}` };
			try {
				await ledger.record(attempt.deploymentId, attempt.fence, drafts, key, within);
			} catch (error) {
				refused = error;
				onRefused(error);
			}
			waitingBytes -= bytes;
			settle(taken);
		} while (said.length > 0 || lines.count >= batchLines);
	}

	/** What was said first, as much as fits into one transaction. */
	function takeBatch(): { taken: Said[]; bytes: number } {
		if (timer) clearTimeout(timer);
		timer = null;
		if (progressAt + progressMs <= performance.now()) takeProgress();
		takeSpeech();
		const taken: Said[] = [];
		let bytes = 0;
		for (;;) {
			if (said.length === 0) sealLines(batchBytes - bytes);
			const next = said[0];
			if (!next || (taken.length > 0 && bytes + next.bytes > batchBytes)) return { taken, bytes };
			said.shift();
			taken.push(next);
			bytes += next.bytes;
		}
	}

	function settle(some: readonly Said[]): void {
		for (const { settle } of some) settle?.();
		if (!refused && waitingBytes > highWaterBytes / 2) return;
		room?.resolve();
		room = null;
	}

	function sealLines(upToBytes = Number.POSITIVE_INFINITY): void {
		const before = lines.bytes;
		for (const metadata of lines.take(upToBytes)) {
			say({ type: "log", stage: attempt.stage, agent_name: attempt.agent, content: "", metadata });
		}
		waitingBytes -= before - lines.bytes;
	}

	function say(draft: EventDraft, rest: Pick<Said, "within" | "settle"> = {}): void {
		const bytes = Buffer.byteLength(JSON.stringify(draft));
		said.push({ draft, bytes, ...rest });
		waitingBytes += bytes;
	}

	function addLine(text: string, from: LogLine["from"], at: string): void {
		const before = lines.bytes;
		remember(text, lines.add(text, from, at));
		waitingBytes += lines.bytes - before;
	}

	/** Lines and sentences are written a little later, together with what comes until then. */
	function wakeLater(): void {
		if (refused || writing) return;
		if (said.length > 0 || lines.count >= batchLines) return void write();
		const waits: number[] = [];
		if (lines.count > 0) waits.push(batchMs);
		if (progress) waits.push(Math.max(0, progressAt + progressMs - performance.now()));
		if (speech?.grew) waits.push(Math.max(0, speechAt + batchMs - performance.now()));
		const at = performance.now() + Math.min(...waits);
		if (waits.length === 0 || (timer && wakeAt <= at)) return;
		if (timer) clearTimeout(timer);
		wakeAt = at;
		timer = setTimeout(wake, Math.min(...waits));
	}

	function wake(): void {
		timer = null;
		void write();
	}

	function remember(text: string, n: number): void {
		newest.set(plainLine(text), n);
		if (newest.size <= rememberedLines) return;
		const oldest = newest.keys().next().value;
		if (oldest !== undefined) newest.delete(oldest);
	}

	/** What an agent has said since is the next part of its message. */
	function takeSpeech(): void {
		const part = speech?.take();
		if (part) sayPart(part);
	}

	function sayPart(metadata: Metadata<"agent_response">): void {
		speechAt = performance.now();
		say({ type: "agent_response", stage: attempt.stage, agent_name: attempt.agent, content: "", metadata });
	}

	function takeProgress(): void {
		if (!progress) return;
		const { text, percent } = progress;
		progress = null;
		progressAt = performance.now();
		sealLines();
		say({
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
			if (progressAt + progressMs <= performance.now()) void write();
			else wakeLater();
		},
		awaiting(text) {
			if (text === awaiting) return;
			awaiting = text;
			since = new Date().toISOString();
		},
		output(chunk, from) {
			const at = new Date().toISOString();
			lastOutputAt = at;
			if (refused) return;
			const { decoder, redactor, splitter } = outputs[from];
			const text = typeof chunk === "string" ? chunk : decoder.write(chunk as Buffer);
			for (const line of splitter.push(redactor.push(text))) addLine(line, from, at);
			wakeLater();
			if (waitingBytes <= highWaterBytes) return;
			room ??= Promise.withResolvers<void>();
			return room.promise;
		},
		async record(draft, within) {
			// Whoever says too much hears of it here; in the log it would make the attempt, and each one after it, end without a word.
			if (Buffer.byteLength(JSON.stringify(draft)) > maxEventBytes - 2048)
				throw new RangeError(`A draft of type ${draft.type} is too large.`);
			takeProgress();
			takeSpeech();
			sealLines();
			const { promise, resolve: settle } = Promise.withResolvers<void>();
			say({ stage: attempt.stage, agent_name: attempt.agent, ...draft }, { within, settle });
			void write();
			await promise;
			if (refused) throw refused;
		},
		async drain() {
			const at = new Date().toISOString();
			for (const from of ["stdout", "stderr", "quayside"] as const) {
				const { decoder, redactor, splitter } = outputs[from];
				for (const line of splitter.push(redactor.push(decoder.end()) + redactor.flush())) addLine(line, from, at);
				const rest = splitter.end();
				if (rest !== null) addLine(rest, from, at);
			}
			await writing;
			takeProgress();
			takeSpeech();
			sealLines();
			if (timer) clearTimeout(timer);
			timer = null;
			return said.splice(0).map(({ draft }) => draft);
		},
		observe: () => ({ awaiting, since, lastOutputAt }),
		speak() {
			const own = new Speech(createRedactor());
			speech = own;
			return {
				add(text) {
					if (refused || speech !== own) return;
					own.add(text);
					// The first words at once, the others together with those that come soon after.
					if (own.grew && speechAt + batchMs <= performance.now()) void write();
					else wakeLater();
				},
				end() {
					const { last, text, answered } = own.end();
					if (last && speech === own) sayPart(last);
					if (speech === own) speech = null;
					return { text, answered };
				},
			};
		},
		lineNumber: (text) => newest.get(plainLine(text)) ?? null,
		redact,
	};
}
