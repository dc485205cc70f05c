import type { z } from "zod";
import { failed, type Outcome, type PlanOverrides, quaysideFileSchema, succeeded, type WorkFailure } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { lineOfKey, lineOfSyntaxError } from "./json-lines.ts";

/** Where a project says in its repository how it is built and run. */
export const quaysideFile = "quayside.json";

const maxBytes = 64 * 1024;
const knownFields = Object.keys(quaysideFileSchema.shape);

export interface OverridesFile {
	overrides: PlanOverrides;
	/** Line on which a field is written. */
	lineOf(field: string): number | null;
}

/** Reads `quayside.json` of the app's folder; null when there is none. One that cannot be used fails, naming its line and field. */
export async function readQuaysideFile(workspace: Workspace): Promise<Outcome<OverridesFile | null>> {
	const text = await workspace.read(quaysideFile, maxBytes + 1);
	if (text === null) return succeeded(null);
	if (Buffer.byteLength(text) > maxBytes) return failed(invalid(`${quaysideFile} is larger than ${maxBytes / 1024} KB.`));
	const json = parse(text);
	if (!json.ok) return json;
	const parsed = quaysideFileSchema.safeParse(json.value);
	if (!parsed.success) return failed(explain(parsed.error, json.value, text));
	const { $schema: _, ...overrides } = parsed.data;
	return succeeded({ overrides, lineOf: (field) => lineOfKey(text, field) });
}

function parse(text: string): Outcome<unknown> {
	try {
		return succeeded(JSON.parse(text));
	} catch {
		const line = lineOfSyntaxError(text);
		const message =
			text.trim() === ""
				? `${quaysideFile} is empty.`
				: `Line ${line} of ${quaysideFile} is not valid JSON: a comma, a quote or a bracket is missing there, or one too many.`;
		return failed(invalid(message, text, line));
	}
}

function explain(error: z.ZodError, value: unknown, text: string): WorkFailure {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		return invalid(`${quaysideFile} must hold fields in braces, as { "build": "npm run build" }.`, text, 1);
	const [issue] = error.issues;
	if (issue === undefined) return invalid(`${quaysideFile} cannot be used.`);
	const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
	if (unknown !== undefined) {
		const line = lineOfKey(text, unknown);
		const near = knownFields.find((field) => distance(field.toLowerCase(), unknown.toLowerCase()) <= 2);
		const hint = near ? `Did you mean “${near}”?` : `Known are ${knownFields.filter((field) => field !== "$schema").join(", ")}.`;
		return invalid(`${placeOf(line)} has the field “${shorten(unknown)}”, which is not known. ${hint}`, text, line);
	}
	const path = issue.path.map(String);
	const line = lineOfKey(text, ...path.filter((part) => !/^\d+$/.test(part))) ?? lineOfKey(text, path[0] ?? "");
	return invalid(`${placeOf(line)}: “${shorten(path.join("."))}” ${requirement(path[0] ?? "", issue)}.`, text, line);
}

const placeOf = (line: number | null) => (line === null ? quaysideFile : `Line ${line} of ${quaysideFile}`);

/** What each field must be, as the end of a sentence. */
const requirements: Readonly<Record<string, string>> = {
	provider: "must be the name of a plan, as “node”",
	framework: "must be a text of at most 60 characters",
	node: "must be a version of Node, as “22” or “22.12.0”",
	packageManager: "must be npm, pnpm, yarn or bun",
	spaFallback: "must be true or false",
	port: "must be a number from 1 to 65535",
	output: "must be a folder inside the repository, as “dist”",
	healthPath: "must be a path that starts with / and has no spaces, as “/health”",
	env: 'must be names and texts, as { "LOG_LEVEL": "info" }',
	$schema: "must be a text",
};
const command = "must be one line of text, a list of arguments, or null for no such step";

function requirement(field: string, issue: z.core.$ZodIssue): string {
	if (field === "env" && issue.code === "invalid_key") return "may have letters, digits and underscores, and begins with no digit";
	return requirements[field] ?? command;
}

/** Far beyond what is shown in the end: what is cut off here was never looked through for secrets. */
const longestShown = 20_000;

function invalid(message: string, text = "", line: number | null = null): WorkFailure {
	const shown = line === null ? undefined : text.split("\n")[line - 1];
	return { code: "config_invalid", message, ...(shown !== undefined && { lines: [`${line} | ${shown.slice(0, longestShown)}`] }) };
}

const shorten = (name: string) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

/** Letters that are added, left out or changed between two short words. */
export function distance(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > 2) return 3;
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (const [i, letter] of [...a].entries()) {
		const next = [i + 1];
		for (const [j, other] of [...b].entries())
			next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
		row = next;
	}
	return row[b.length] ?? 0;
}
