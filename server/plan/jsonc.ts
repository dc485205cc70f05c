import { z } from "zod";

const table = z.record(z.string(), z.unknown());

/** Reads a JSON object, also one with comments and commas at the end of lists; null when it is none. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | null {
	const plain = text
		.replace(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, quoted: string | undefined) => quoted ?? " ")
		.replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])/g, (_all, quoted: string | undefined) => quoted ?? "");
	try {
		const parsed = table.safeParse(JSON.parse(plain));
		return parsed.success ? parsed.data : null;
	} catch {
		return null;
	}
}

/** The strings of an object within an object: scripts, tasks, dependencies. A Deno task may be an object with a command. */
export function stringsIn(value: Readonly<Record<string, unknown>> | null, key: string): Record<string, string> {
	const inner = table.safeParse(value?.[key]);
	if (!inner.success) return {};
	return Object.fromEntries(
		Object.entries(inner.data).flatMap(([name, entry]) => {
			const text = typeof entry === "string" ? entry : table.safeParse(entry).data?.command;
			return typeof text === "string" ? [[name, text]] : [];
		}),
	);
}
