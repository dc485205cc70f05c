import { formatBytes } from "../../lib/format.ts";
import type { SandboxRun } from "./sandbox.ts";

type From = "stdout" | "stderr";

/** How much of the end is kept of what comes after the bound. */
const tailBytes = 16 * 1024;

/** Hands the output of a run on, up to its bound. */
export interface RunOutput {
	take(chunk: Buffer, from: From): void | Promise<void>;
	/** Hands on the end of what was left out, behind a line that says how much that was. */
	end(): void;
	/** The last words on standard error, for the log. */
	lastWords(): string;
}

/** `onTooMuch` is called once, when the bound is passed; until then nothing is left out, and little is ever held in memory. */
export function openRunOutput({ limits, onOutput }: Pick<SandboxRun, "limits" | "onOutput">, onTooMuch: () => void): RunOutput {
	let bytes = 0;
	let last = "";
	let tail: Buffer = Buffer.alloc(0);
	let tailFrom: From = "stdout";
	return {
		take(chunk, from) {
			const room = Math.max(0, limits.outputBytes - bytes);
			const isOver = bytes > limits.outputBytes;
			bytes += chunk.length;
			if (from === "stderr") last = (last + chunk.toString()).slice(-500);
			if (chunk.length > room) {
				tail = Buffer.concat([tail, chunk.subarray(room)]).subarray(-tailBytes);
				tailFrom = from;
				if (!isOver) onTooMuch();
			}
			if (room > 0) return onOutput?.(chunk.subarray(0, room), from);
		},
		end() {
			const leftOut = bytes - limits.outputBytes - tail.length;
			if (tail.length === 0) return;
			onOutput?.(Buffer.from(`\n… [${formatBytes(Math.max(0, leftOut))} left out; the end:]\n`), tailFrom);
			onOutput?.(tail, tailFrom);
		},
		lastWords: () => last,
	};
}
