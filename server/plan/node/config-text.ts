import { posix } from "node:path";
import type { Workspace } from "../../source/workspace.ts";

/** A configuration file as text. It is never run: a literal counts, anything else is not known. */
export interface ConfigText {
	file: string;
	/** Without comments; lines stay where they are. */
	text: string;
}

const extensions = ["ts", "js", "mjs", "mts", "cjs", "cts"];

/** The first configuration of this name there is: `next.config` finds next.config.ts, next.config.js … */
export async function readConfig(workspace: Workspace, ...names: string[]): Promise<ConfigText | null> {
	for (const name of names) {
		for (const extension of extensions) {
			const file = `${name}.${extension}`;
			const text = await workspace.read(file);
			if (text !== null) return { file, text: withoutComments(text) };
		}
	}
	return null;
}

/** Texts, which stay as they are, and comments. What is never closed reaches to the end, so that no place is read twice. */
const textOrComment = /("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\[\s\S])*`?)|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;

/** Blanks out comments, and keeps what looks like one within a text. */
export function withoutComments(text: string): string {
	return text.replace(textOrComment, (all, quoted) => (quoted === undefined ? all.replace(/[^\n]/g, " ") : all));
}

/** The literal text a key is given, or null: `output: "export"`. */
export function literalOf(text: string, key: string): string | null {
	return new RegExp(`(?:^|[\\s{,(])["']?${key}["']?\\s*[:=]\\s*(["'\`])([^"'\`$\\n]{1,200})\\1`).exec(text)?.[2] ?? null;
}

/** True when the key is given `true` or `false` as a literal; null when it is not. */
export function booleanOf(text: string, key: string): boolean | null {
	const value = new RegExp(`(?:^|[\\s{,(])["']?${key}["']?\\s*:\\s*(true|false)\\b`).exec(text)?.[1];
	return value === undefined ? null : value === "true";
}

/** A tidy relative path, "." for the folder itself, or null when it leaves the app's folder. */
export function insidePath(path: string): string | null {
	const plain = posix.normalize(path).replace(/^\.\/|\/+$/g, "");
	if (!/^[\w@./-]+$/.test(plain)) return null;
	return posix.isAbsolute(plain) || plain === ".." || plain.startsWith("../") ? null : plain;
}
