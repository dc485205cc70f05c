import { createHash } from "node:crypto";
import type { Workspace } from "../source/workspace.ts";

const maxBytes = 512 * 1024;

/** A file's whole text; null where there is none, `unfit` where it is no text or too long to be changed by a rule. */
export async function readWhole(files: Workspace, path: string): Promise<{ text: string } | "unfit" | null> {
	const text = await files.read(path, maxBytes);
	if (text === null) return (await files.isDirectory(path)) ? "unfit" : null;
	return text.includes("\uFFFD") || text.includes("\0") || Buffer.byteLength(text) >= maxBytes ? "unfit" : { text };
}

/** Names a text. */
export function hashOf(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
