import { chmod, chown, lstat, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { applyPatch, parsePatch } from "diff";
import { type Fix, failed, type Outcome, succeeded } from "../../lib/protocol/index.ts";
import { copyTree, exists, moveIntoPlace } from "../exec/tree-files.ts";
import { openWorkspace, type Workspace } from "../source/workspace.ts";
import { hashOf, readWhole } from "./read-whole.ts";

/** Texts of files by their path from the repository's root, as repairs leave them. */
export type PatchedTexts = ReadonlyMap<string, string>;

/** The texts after one more repair; null where it does not fit: a file is not the one it was made for. */
export async function patchTexts(root: Workspace, before: PatchedTexts, fix: Pick<Fix, "diff" | "files">): Promise<PatchedTexts | null> {
	const after = new Map(before);
	const patches = parsePatch(fix.diff);
	for (const [index, file] of fix.files.entries()) {
		const patch = patches[index];
		const text = after.get(file.path) ?? (await textOf(root, file.path));
		if (!patch || text === undefined || (text === null ? null : hashOf(text)) !== file.before) return null;
		const patched = applyPatch(text ?? "", patch, { autoConvertLineEndings: false });
		if (patched === false || hashOf(patched) !== file.after) return null;
		after.set(file.path, patched);
	}
	return after;
}

/** null where there is no such file, undefined where it cannot be patched. */
async function textOf(root: Workspace, path: string): Promise<string | null | undefined> {
	const whole = await readWhole(root, path);
	if (whole === null) return null;
	return whole === "unfit" ? undefined : whole.text;
}

export interface Overlay {
	/** Host folder of the source as it was cloned; it is not changed. */
	base: string;
	/** Absolute path of the patched copy; its parent exists. */
	into: string;
	fixes: readonly Pick<Fix, "diff" | "files">[];
	/** Names this attempt. */
	mark: string;
	signal: AbortSignal;
}

/** A copy of a source with repairs laid over it, made from the record alone. One that is there already is the same. */
export async function layOver({ base, into, fixes, mark, signal }: Overlay): Promise<Outcome<string>> {
	if (await exists(into)) return succeeded(into);
	const root = await openWorkspace(base, null);
	let texts: PatchedTexts = new Map();
	for (const fix of fixes) {
		const patched = await patchTexts(root, texts, fix);
		if (patched === null)
			return failed({ code: "result_missing", message: "A repair that was recorded does not fit its source any more." });
		texts = patched;
	}
	const partial = `${into}.${mark}.partial`;
	try {
		await rm(partial, { recursive: true, force: true });
		await copyTree(base, partial, signal);
		for (const [path, text] of texts) await replaceFile(partial, path, text, mark);
		await moveIntoPlace(partial, into);
		return succeeded(into);
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

/** Puts a text in the place of a file, or of a link: what a link leads to stays as it is, and nothing outside is ever written. */
async function replaceFile(root: string, path: string, text: string, mark: string): Promise<void> {
	const folder = await realpath(join(root, dirname(path)));
	const way = relative(await realpath(root), folder);
	if (way === ".." || way.startsWith(`..${sep}`)) throw new Error("A repaired file must lie in its repository.");
	const file = join(folder, basename(path));
	const [old, parent] = await Promise.all([lstat(file).catch(() => null), lstat(folder)]);
	const made = join(folder, `.${mark}.fix`);
	await writeFile(made, text, { flag: "wx", mode: 0o644 });
	await chmod(made, old?.isFile() ? old.mode & 0o777 : 0o644);
	await chown(made, (old ?? parent).uid, (old ?? parent).gid);
	await rename(made, file);
}
