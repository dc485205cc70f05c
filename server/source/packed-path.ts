const maxNameBytes = 255;
const maxPathBytes = 2048;
const maxDepth = 64;

/** The path of an archive's entry, relative and without "." parts; "" is the folder itself. */
export function parsePath(name: string): { ok: true; path: string } | { ok: false; problem: string } {
	const shown = shownName(name);
	if (/\p{Cc}/u.test(name) || !name.isWellFormed() || name.includes("\uFFFD"))
		return { ok: false, problem: `The name “${shown}” has characters in it that no file should have.` };
	if (name.includes("\\")) return { ok: false, problem: `The name “${shown}” has a backslash in it.` };
	if (name.startsWith("/")) return { ok: false, problem: `“${shown}” is an absolute path.` };
	const parts = name.split("/").filter((part) => part !== "" && part !== ".");
	if (parts.includes("..")) return { ok: false, problem: `“${shown}” leads out of the folder.` };
	if (parts.length > maxDepth || Buffer.byteLength(name) > maxPathBytes || parts.some((part) => Buffer.byteLength(part) > maxNameBytes))
		return { ok: false, problem: `The name “${shown}” is too long.` };
	return { ok: true, path: parts.join("/") };
}

/** The folders a path leads through, the outermost first. */
export function foldersOf(path: string): string[] {
	const parts = path.split("/");
	return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** What a link at `path` must not point to, as a sentence; null when it stays inside. */
export function linkProblem(path: string, target: string): string | null {
	const outside = `The link “${shownName(path)}” leads out of the folder, to “${shownName(target)}”.`;
	if (target === "" || target.startsWith("/") || /[\p{Cc}\\]/u.test(target) || Buffer.byteLength(target) > maxPathBytes) return outside;
	const parts = target.split("/").filter((part) => part !== "" && part !== ".");
	const up = parts.findIndex((part) => part !== "..");
	const climbed = up === -1 ? parts.length : up;
	// A ".." further on could follow another link and come out elsewhere than it looks.
	if (parts.slice(climbed).includes("..")) return outside;
	return climbed > path.split("/").length - 1 ? outside : null;
}

/** History is no part of what is deployed; a clone leaves it out as well. */
export function isLeftOut(path: string): boolean {
	return path === ".git" || path.startsWith(".git/");
}

function shownName(name: string): string {
	const printable = name.replace(/[\p{Cc}\uFFFD]/gu, "?");
	return printable.length > 80 ? `${printable.slice(0, 80)}…` : printable;
}
