import { z } from "zod";
import type { Workspace } from "../../source/workspace.ts";
import { lineOfKey } from "../json-lines.ts";

const stringRecord = z
	.record(z.string(), z.unknown())
	.transform((record) =>
		Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === "string")),
	)
	.catch({});

/** The parts of package.json that matter here. A part of the wrong shape counts as absent. */
const packageSchema = z.object({
	name: z.string().optional().catch(undefined),
	main: z.string().optional().catch(undefined),
	packageManager: z.string().optional().catch(undefined),
	homepage: z.string().optional().catch(undefined),
	workspaces: z.unknown().optional(),
	devEngines: z
		.object({ packageManager: stringRecord.default({}) })
		.catch({ packageManager: {} })
		.default({ packageManager: {} }),
	volta: stringRecord.default({}),
	engines: stringRecord.default({}),
	scripts: stringRecord.default({}),
	dependencies: stringRecord.default({}),
	devDependencies: stringRecord.default({}),
});

export interface PackageJson extends z.infer<typeof packageSchema> {
	/** True when the package is among the dependencies or the development dependencies. */
	has(name: string): boolean;
	/** Line of package.json where this key is written, for evidence; a path of keys finds the one within the others. */
	lineOf(...path: string[]): number | null;
}

/** Reads package.json; `broken` says that there is one which is not valid JSON. */
export async function readPackageJson(workspace: Workspace): Promise<PackageJson | "broken" | null> {
	const text = await workspace.read("package.json", 1024 * 1024);
	if (text === null) return null;
	const parsed = packageSchema.safeParse(parseJson(text));
	if (!parsed.success) return "broken";
	return {
		...parsed.data,
		has: (name) => Object.hasOwn(parsed.data.dependencies, name) || Object.hasOwn(parsed.data.devDependencies, name),
		lineOf: (...path) => lineOfKey(text, ...path),
	};
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
