import type { RuntimeLog } from "#lib/protocol/index.ts";

/** A line of an app's output; `n` counts what this page has seen of it. */
export interface RuntimeLine {
	n: number;
	text: string;
}

export interface RuntimeLines {
	lines: readonly RuntimeLine[];
	/** Where the next read goes on; null before the first answer. */
	cursor: string | null;
	/** True once the oldest lines were left out. */
	cut: boolean;
}

/** Lines that a page keeps. */
export const maxRuntimeLines = 5000;

export const noRuntimeLines: RuntimeLines = { lines: [], cursor: null, cut: false };

/** The lines with one more answer: added to what is there, or in its place where the log began anew. */
export function withAnswer(before: RuntimeLines, { log, cursor, reset }: RuntimeLog, max = maxRuntimeLines): RuntimeLines {
	const old = reset ? [] : before.lines;
	if (log === "" && !reset) return { ...before, cursor };
	let n = before.lines.at(-1)?.n ?? 0;
	const added =
		log === ""
			? []
			: log
					.replace(/\n$/, "")
					.split("\n")
					.map((text) => ({ n: ++n, text }));
	const all = [...old, ...added];
	const dropped = Math.max(0, all.length - max);
	return { lines: dropped > 0 ? all.slice(dropped) : all, cursor, cut: (before.cut && !reset) || dropped > 0 };
}
