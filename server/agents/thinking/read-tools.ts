import { z } from "zod";
import { formatCount } from "../../../lib/format.ts";
import { failed, succeeded } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { holdsSecrets, projectPath } from "./paths.ts";
import { type Material, maxMaterialChars, promptOf, type Redact, readableBytes } from "./prompt.ts";
import type { ToolBox } from "./tool-box.ts";

const maxFiles = 2000;
/** Files that are named to the model without being asked for. */
const maxListed = 200;

/** What a model may know of a project's files: no links, nothing installed, none that hold secrets. */
export interface ReadableFiles {
	paths: ReadonlySet<string>;
	/** Names of the first files, shallow ones first. */
	list(): string;
	/** The beginning of a file, somewhat more than is shown of it; null where it may not be read or is not there. */
	read(path: string): Promise<string | null>;
}

export async function readableFiles(workspace: Workspace): Promise<ReadableFiles> {
	const paths = new Set<string>();
	for await (const { path } of workspace.walk(maxFiles)) if (!holdsSecrets(path)) paths.add(path);
	return {
		paths,
		list: () => [...paths].slice(0, maxListed).join("\n"),
		read: async (path) => (paths.has(path) ? workspace.read(path, readableBytes) : null),
	};
}

/** The file that introduces a project, if there is one. */
export async function readmeOf(files: ReadableFiles): Promise<Material[]> {
	const name = [...files.paths].find((path) => /^readme(\.(md|txt|rst|markdown))?$/i.test(path));
	const text = name === undefined ? null : await files.read(name);
	return name === undefined || text === null ? [] : [{ label: name, text }];
}

/** Lets a model look at the project's files, and at nothing else. */
export function addReadTools(box: ToolBox, files: ReadableFiles, redact: Redact): ToolBox {
	return box
		.add("list_files", {
			description: "Lists the files of the project in a folder, by path. The folder is relative; an empty one is the whole project.",
			input: z.strictObject({ folder: z.string().max(300) }),
			shown: ({ folder }) => folder || "all",
			async run({ folder }) {
				const inside = folder === "" || folder === "." ? succeeded("") : projectPath(folder);
				if (!inside.ok) return inside;
				const found = [...files.paths].filter((path) => inside.value === "" || path.startsWith(`${inside.value}/`)).slice(0, maxListed);
				return succeeded({
					answer: promptOf("", [{ label: "files", text: found.join("\n") || "no files" }], redact),
					told: `Found ${formatCount(found.length, "file")}.`,
				});
			},
		})
		.add("read_file", {
			description: `Reads the first ${formatCount(maxMaterialChars, "character")} of one of the project's files.`,
			input: z.strictObject({ path: z.string().max(300) }),
			shown: ({ path }) => path,
			async run({ path }) {
				const inside = projectPath(path);
				if (!inside.ok) return inside;
				if (holdsSecrets(inside.value))
					return failed({ code: "forbidden", message: `“${inside.value}” usually holds secrets; no model reads it.` });
				const text = await files.read(inside.value);
				if (text === null) return succeeded({ answer: "There is no such file.", told: `There is no file “${inside.value}”.` });
				const answer = promptOf("", [{ label: inside.value, text }], redact);
				return succeeded({ answer, told: `Read “${inside.value}”.`, file: inside.value });
			},
		});
}
