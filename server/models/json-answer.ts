import { z } from "zod";
import { ModelFault } from "./fault.ts";

/** A model that answers more than that has lost its way: what is long, it writes with tools. */
const maxAnswerChars = 512 * 1024;
const fence = "```";
/** Blocks that are looked at. */
const maxBlocks = 50;

/**
 * The value that a model was asked for. Models put it into a fenced block or between words; the first of these that fits is taken:
 * the whole text, a fenced block, what lies between the first bracket and the last. Throws `model_malformed`.
 */
export function parseAnswer<T>(text: string, schema: z.ZodType<T>): T {
	if (text.length > maxAnswerChars) throw new ModelFault("model_malformed", { detail: "It is longer than 512 KB." });
	let problem = "It holds no JSON.";
	for (const candidate of candidates(text)) {
		const value = parseJson(candidate);
		if (value === undefined) continue;
		const parsed = schema.safeParse(value);
		if (parsed.success) return parsed.data;
		problem = z.prettifyError(parsed.error).slice(0, 500);
	}
	throw new ModelFault("model_malformed", { detail: problem });
}

function* candidates(text: string): Generator<string> {
	yield text;
	yield* blocks(text);
	for (const [open, close] of ["{}", "[]"]) {
		const [from, to] = [text.indexOf(open ?? ""), text.lastIndexOf(close ?? "")];
		if (from !== -1 && to > from) yield text.slice(from, to + 1);
	}
}

/** What lies between two fences, one after the other; the words between two blocks are no JSON and do no harm. */
function* blocks(text: string): Generator<string> {
	let from = text.indexOf(fence);
	for (let count = 0; from !== -1 && count < maxBlocks; count++) {
		const to = text.indexOf(fence, from + fence.length);
		if (to === -1) return;
		yield text.slice(from + fence.length, to).replace(/^json(?=\s)/, "");
		from = to;
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
