import { createHash } from "node:crypto";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Example, failed, type Outcome, succeeded } from "../../lib/protocol/index.ts";
import { moveIntoPlace } from "../exec/tree-files.ts";
import type { CloneResult } from "./clone.ts";

const root = fileURLToPath(new URL("../../examples", import.meta.url));

/** Projects that come with Quayside, for a first deployment with one click. */
export const examples: readonly Example[] = [
	{ id: "static-site", name: "Static site", description: "A small site of HTML and CSS. Needs no network.", url: "example:static-site" },
	{
		id: "node-server",
		name: "Node server",
		description: "A plain HTTP server without dependencies. Needs no network.",
		url: "example:node-server",
	},
	{
		id: "vite-react",
		name: "Vite + React",
		description: "A React page built with Vite. Installs its packages from npm.",
		url: "example:vite-react",
	},
];

/** Puts the example at `url` into a folder, as a clone would; `mark` names this attempt. Its commit is the hash of its files. */
export async function copyExample(url: string, into: string, mark: string): Promise<Outcome<CloneResult>> {
	const startedAt = performance.now();
	const example = examples.find((candidate) => candidate.url === url);
	if (!example)
		return failed({
			code: "repository_not_found",
			message: "There is no example of this name.",
			action: `Use one of ${examples.map((known) => known.url).join(", ")}.`,
		});
	const partial = `${into}.${mark}.partial`;
	await rm(partial, { recursive: true, force: true });
	await cp(join(root, example.id), partial, { recursive: true });
	const size = await measure(partial);
	await moveIntoPlace(partial, into);
	return succeeded({ ...size, subject: example.description, branch: null, durationMs: Math.round(performance.now() - startedAt) });
}

async function measure(folder: string): Promise<Pick<CloneResult, "commit" | "files" | "bytes">> {
	const hash = createHash("sha1");
	let files = 0;
	let bytes = 0;
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
	for (const path of paths.sort()) {
		const body = await readFile(path);
		hash.update(path.slice(folder.length)).update("\0").update(body);
		files += 1;
		bytes += body.length;
	}
	return { commit: hash.digest("hex"), files, bytes };
}
