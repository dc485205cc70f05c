import { posix } from "node:path";
import type { Workspace } from "../../source/workspace.ts";
import { changeQuaysideFile, quaysideFields } from "../json-file.ts";
import { readWhole } from "../read-whole.ts";
import type { Change, Repair, Rule, Trouble } from "../rule.ts";

const maxFiles = 400;
const maxRead = 60;
const code = /\.(?:[cm]?[jt]sx?|py|go|rb|php|rs|java|kt)$/;

export const sourceRules: readonly Rule[] = [
	{
		causes: ["file_name_case"],
		async repair({ app, failure }) {
			const { real = "", from = "" } = failure.seen ?? {};
			const renamed: string[] = [];
			const change = await changeText(app, from, (text) =>
				text.replaceAll(relativeImport, (all, quote: string, written: string) => {
					const meant = asCalled(written, from, real);
					if (meant === null) return all;
					renamed.push(`Import “${meant}”, as the file is called, in place of “${written}”`);
					return `${quote}${meant}${quote}`;
				}),
			);
			return change && { title: renamed[0] ?? "", changes: [change] };
		},
	},
	{
		causes: ["address_unavailable"],
		async repair({ app, failure }) {
			const host = failure.seen?.host ?? "";
			const change = host === "" ? null : await findAndChange(app, host);
			return change && { title: `Listen on every address in place of ${host}`, changes: [change] };
		},
	},
	{
		causes: ["permission_denied"],
		async repair(trouble) {
			const file = (trouble.failure.seen?.file ?? "").replace(/^\.\//, "");
			const shell = file === "" ? null : shellOf((await trouble.app.read(file, 200)) ?? "");
			return shell === null ? null : runWith(trouble, file, shell);
		},
	},
	{
		causes: ["windows_line_endings"],
		async repair({ app, failure }) {
			const named = failure.seen?.file?.replace(/^\.\//, "");
			const file = named || (await findScriptWithCr(app));
			const change = file ? await changeText(app, file, (text) => text.replaceAll("\r\n", "\n")) : null;
			return change && { title: `Give “${change.path}” the line endings of Linux`, changes: [change] };
		},
	},
];

const relativeImport = /(["'`])(\.{1,2}\/[^"'`\n]{1,300})\1/g;

/**
 * An import as the real file is called, an extension that was left out stays out; null for one that leads elsewhere, or is written
 * as it should be.
 */
function asCalled(written: string, from: string, real: string): string | null {
	const place = posix.join(posix.dirname(from), written);
	const rest = real.slice(place.length);
	if (real.startsWith(place) || !real.toLowerCase().startsWith(place.toLowerCase()) || !/^(?:\.\w{1,6})?$/.test(rest)) return null;
	const called = real.slice(0, place.length).split("/");
	const named = written.split("/");
	for (let back = 1; back <= named.length && named.at(-back) !== "." && named.at(-back) !== ".."; back++)
		named[named.length - back] = called.at(-back) ?? "";
	return named.join("/");
}

async function changeText(files: Workspace, path: string, change: (text: string) => string): Promise<Change | null> {
	const whole = path === "" ? null : await readWhole(files, path);
	if (whole === null || whole === "unfit") return null;
	const text = change(whole.text);
	return text === whole.text ? null : { files, path, text };
}

/** Writes the address of every network in place of one that is fixed in the code. */
async function findAndChange(app: Workspace, host: string): Promise<Change | null> {
	const quoted = new RegExp(String.raw`(["'\x60])${RegExp.escape(host)}\1`, "g");
	let read = 0;
	for await (const { path, bytes } of app.walk(maxFiles)) {
		if (!code.test(path) || bytes > 200_000 || /(?:^|\/)(?:dist|build|tests?|vendor)\//.test(path)) continue;
		if (++read > maxRead) return null;
		const change = await changeText(app, path, (text) => text.replaceAll(quoted, "$10.0.0.0$1"));
		if (change !== null) return change;
	}
	return null;
}

/** The program of a script's first line, by its name. */
function shellOf(text: string): string | null {
	return /^#!(?:\/usr)?\/bin\/(?:env )?(sh|bash|node|python3)\s*$/m.exec(text.split("\n", 1)[0] ?? "")?.[1] ?? null;
}

/** Names the program that reads a script, wherever the script is called as a program. */
async function runWith(trouble: Trouble, file: string, shell: string): Promise<Repair | null> {
	const call = new RegExp(String.raw`(^|["\s;&|(])(?:\./)?${RegExp.escape(file)}(?=["\s;&|)]|$)`, "g");
	const named = (text: string) => text.replaceAll(call, (_, before: string) => `${before}${shell} ${file}`);
	const title = `Run “${file}” with ${shell}, because it was committed without the permission to be run`;
	const fields = await quaysideFields(trouble);
	for (const step of ["install", "build", "test", "start"] as const) {
		const command = fields[step];
		if (typeof command !== "string" || named(command) === command) continue;
		const change = await changeQuaysideFile(trouble, { [step]: named(command) });
		if (change) return { title, changes: [change] };
	}
	const change = await changeText(trouble.app, "package.json", (text) =>
		text.replaceAll(/:\s*"(?:[^"\\]|\\.)*"/g, (value) => (value.includes(`${shell} ${file}`) ? value : named(value))),
	);
	return change && { title, changes: [change] };
}

async function findScriptWithCr(app: Workspace): Promise<string | null> {
	for await (const { path } of app.walk(maxFiles)) {
		if (/\.(?:sh|bash)$/.test(path) && /^#![^\n]*\r\n/.test((await app.read(path, 1000)) ?? "")) return path;
	}
	return null;
}
