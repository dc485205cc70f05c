import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { failed, type Outcome, succeeded } from "../../../lib/protocol/index.ts";
import { moveIntoPlace } from "../../exec/tree-files.ts";
import { measure } from "../../source/copy-folder.ts";
import type { ProductFile } from "./author.ts";

export type Files = ReadonlyMap<string, string>;

const maxFiles = 200;
const maxFileBytes = 512 * 1024;
const maxBytes = 5 * 1024 * 1024;
/** Plain names, so that nothing in them can mean anything to a file system, a shell or a page. */
const plainPath = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\/){0,6}\.?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const forbidden = /(?:^|\/)(?:\.git|node_modules|\.env)(?:\/|$)/i;

/** Adds files to those that are there, if they may be stored at all. A path outside the product, and too much, fail. */
export function addFiles(
	files: Map<string, string>,
	added: readonly ProductFile[],
	limits: { mayWrite: readonly string[] },
): Outcome<null> {
	for (const { path, text } of added) {
		if (!plainPath.test(path) || forbidden.test(path)) return refused(`“${path.slice(0, 100)}” is no path inside the product.`);
		if (!limits.mayWrite.includes(path)) return refused(`“${path}” is not among the files of this task.`);
		if (Buffer.byteLength(text) > maxFileBytes) return refused(`“${path}” is larger than ${maxFileBytes / 1024} KB.`);
		files.set(path, text);
	}
	if (files.size > maxFiles) return refused(`The product has more than ${maxFiles} files.`);
	const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
	return bytes > maxBytes ? refused(`The product is larger than ${maxBytes / 1024 / 1024} MB.`) : succeeded(null);
}

/** Puts files where a clone would put a repository, whole or not at all. The answer is the hash of their content. */
export async function storeFiles(files: Files, into: string, mark: string, signal: AbortSignal): Promise<string> {
	const partial = `${into}.${mark}.partial`;
	try {
		await rm(partial, { recursive: true, force: true });
		await mkdir(partial);
		for (const [path, text] of files) {
			signal.throwIfAborted();
			await mkdir(dirname(join(partial, path)), { recursive: true });
			await writeFile(join(partial, path), text, { flag: "wx" });
		}
		const { commit } = await measure(partial, signal);
		await moveIntoPlace(partial, into);
		return commit;
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

/** What changed between two products. */
export interface Changes {
	/** As a unified diff, files in the order of their paths; "" when nothing did. */
	diff: string;
	files: string[];
	added: number;
	removed: number;
}

export function compareFiles(before: Files, after: Files): Changes {
	const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
	const files = paths.filter((path) => before.get(path) !== after.get(path));
	const patches = files.map((path) =>
		createTwoFilesPatch(
			before.has(path) ? `a/${path}` : "/dev/null",
			after.has(path) ? `b/${path}` : "/dev/null",
			before.get(path) ?? "",
			after.get(path) ?? "",
			undefined,
			undefined,
			{ context: 3 },
		).replace(/^=+\n/, ""),
	);
	const lines = patches.flatMap((patch) => patch.split("\n"));
	return {
		diff: patches.join(""),
		files,
		added: lines.filter((line) => line.startsWith("+") && !line.startsWith("+++ ")).length,
		removed: lines.filter((line) => line.startsWith("-") && !line.startsWith("--- ")).length,
	};
}

/** The type a file is kept under. */
export function mediaTypeOf(path: string): string {
	const ending = /\.([a-z]+)$/.exec(path)?.[1] ?? "";
	const types: Readonly<Record<string, string>> = {
		json: "application/json",
		md: "text/markdown",
		diff: "text/x-diff",
		html: "text/html",
		css: "text/css",
		js: "text/javascript",
	};
	return types[ending] ?? "text/plain";
}

function refused(message: string) {
	return failed({ code: "brief_unusable", message, action: "Say it in other words and try again." });
}
