import { z } from "zod";
import { ModelFault } from "./fault.ts";

/**
 * The value that a model was asked for. Models put it into a fenced block or between words; the first of these that fits is taken:
 * the whole text, a fenced block, what lies between the first bracket and the last. Throws `model_malformed`.
 */
export function parseAnswer<T>(text: string, schema: z.ZodType<T>): T {
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
	for (const [, block = ""] of text.matchAll(/```(?:json)?\s*\n([\s\S]*?)\n?```/g)) yield block;
	for (const [open, close] of ["{}", "[]"]) {
		const [from, to] = [text.indexOf(open ?? ""), text.lastIndexOf(close ?? "")];
		if (from !== -1 && to > from) yield text.slice(from, to + 1);
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
