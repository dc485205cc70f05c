import { z } from "zod";
import { formatBytes } from "../../../lib/format.ts";
import { failed, succeeded } from "../../../lib/protocol/index.ts";
import { holdsSecrets, projectPath } from "./paths.ts";
import { promptOf, type Redact } from "./prompt.ts";
import type { ToolBox } from "./tool-box.ts";

/** One file that a model writes. */
const maxFileBytes = 256 * 1024;
const maxReadChars = 48 * 1024;

export interface Writing {
	/** The files of the task; nothing else may be written. */
	mayWrite: readonly string[];
	/** Files that are there already, by path. */
	known: ReadonlyMap<string, string>;
	diffOf(path: string, before: string, after: string): string;
	redact: Redact;
}

/**
 * Lets a model write the files of its task, and read what is there. Nothing reaches the disk: what was written is answered as a map that
 * grows, for those who store it once the whole task is done.
 */
export function addWriteTools(box: ToolBox, { mayWrite, known, diffOf, redact }: Writing): ReadonlyMap<string, string> {
	const written = new Map<string, string>();
	const current = (path: string) => written.get(path) ?? known.get(path);
	box.add("write_file", {
		description: "Writes one whole file of the task. The path is relative to the product; the content replaces what was there.",
		input: z.strictObject({ path: z.string().max(300), content: z.string() }),
		shown: ({ path }) => path,
		async run({ path, content }) {
			const inside = projectPath(path);
			if (!inside.ok) return inside;
			const file = inside.value;
			if (holdsSecrets(file)) return failed({ code: "forbidden", message: `“${file}” has a name that is kept for secrets.` });
			if (!mayWrite.includes(file)) return failed({ code: "forbidden", message: `“${file}” is not among the files of this task.` });
			const bytes = Buffer.byteLength(content);
			if (bytes === 0) return failed({ code: "forbidden", message: `“${file}” would be empty.` });
			if (bytes > maxFileBytes) return failed({ code: "too_large", message: `“${file}” is larger than ${formatBytes(maxFileBytes)}.` });
			const diff = diffOf(file, current(file) ?? "", content);
			written.set(file, content);
			return succeeded({ answer: "Written.", told: `Wrote “${file}”, ${formatBytes(bytes)}.`, file, diff });
		},
	});
	box.add("read_file", {
		description: "Reads a file of the product as it is now.",
		input: z.strictObject({ path: z.string().max(300) }),
		shown: ({ path }) => path,
		async run({ path }) {
			const inside = projectPath(path);
			if (!inside.ok) return inside;
			const text = current(inside.value);
			if (text === undefined) return succeeded({ answer: "There is no such file.", told: `There is no file “${inside.value}”.` });
			const answer = promptOf("", [{ label: inside.value, text }], redact, maxReadChars);
			return succeeded({ answer, told: `Read “${inside.value}”.`, file: inside.value });
		},
	});
	return written;
}
