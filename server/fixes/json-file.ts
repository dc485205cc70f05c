import type { PlanOverrides } from "../../lib/protocol/index.ts";
import { quaysideFile, readQuaysideFile } from "../plan/quayside-json.ts";
import { readWhole } from "./read-whole.ts";
import type { Change, Trouble } from "./rule.ts";

/** Fields of a plan as a rule sets them; undefined takes one away. */
export type Fields = { [Field in keyof PlanOverrides]?: PlanOverrides[Field] | undefined };

/**
 * The project's quayside.json with these fields changed, or a new one. null where that would change nothing: the project's settings
 * fix such a field themselves, or the file cannot be read.
 */
export async function changeQuaysideFile({ project, settings }: Trouble, fields: Fields): Promise<Change | null> {
	const fixed = (Object.keys(fields) as (keyof Fields)[]).some((name) => name !== "env" && settings[name] !== undefined);
	const read = await readQuaysideFile(project);
	if (fixed || !read.ok) return null;
	const whole = await readWhole(project, quaysideFile);
	if (whole === "unfit") return null;
	const before = whole === null ? {} : (JSON.parse(whole.text) as PlanOverrides);
	const env = fields.env && { ...before.env, ...fields.env };
	const after = { ...before, ...fields, ...(env && { env }) };
	return { files: project, path: quaysideFile, text: jsonLike(whole?.text ?? null, after) };
}

/** What quayside.json says now; nothing where there is none. */
export async function quaysideFields({ project }: Trouble): Promise<PlanOverrides> {
	const read = await readQuaysideFile(project);
	return read.ok ? (read.value?.overrides ?? {}) : {};
}

/** A value as JSON, with the indentation of the text it replaces. */
export function jsonLike(before: string | null, value: unknown): string {
	const indent = /^([ \t]+)"/m.exec(before ?? "")?.[1] ?? "  ";
	return JSON.stringify(value, null, indent) + (before === null || before.endsWith("\n") ? "\n" : "");
}
