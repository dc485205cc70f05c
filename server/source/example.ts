import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Example, failed, type Outcome } from "../../lib/protocol/index.ts";
import type { CloneResult } from "./clone.ts";
import { copyFolder } from "./copy-folder.ts";

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

/** Puts the example at `url` into a folder, as a clone would; `mark` names this attempt. */
export async function copyExample(url: string, into: string, mark: string, signal: AbortSignal): Promise<Outcome<CloneResult>> {
	const example = examples.find((candidate) => candidate.url === url);
	if (!example)
		return failed({
			code: "repository_not_found",
			message: "There is no example of this name.",
			action: `Use one of ${examples.map((known) => known.url).join(", ")}.`,
		});
	return copyFolder({ from: join(root, example.id), directory: null, into, mark, subject: example.description, signal });
}
