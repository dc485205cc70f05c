import { z } from "zod";
import type { Workspace } from "../../source/workspace.ts";
import { type PackageJson, readPackageJson } from "./package-json.ts";

/** A repository whose package manager installs several packages at once. */
export interface Monorepo {
	/** The folder of the installation. */
	root: Workspace;
	manifest: PackageJson;
	/** File that says which packages there are: `package.json` or `pnpm-workspace.yaml`. */
	file: string;
	members: Member[];
}

export interface Member {
	/** Relative to the monorepo's root. */
	folder: string;
	manifest: PackageJson;
}

const maxMembers = 200;
const maxPatterns = 50;
const maxDepth = 4;
const maxListings = 2000;

/** The monorepo this folder is the root of, or null. */
export async function readMonorepo(root: Workspace): Promise<Monorepo | null> {
	const manifest = await readPackageJson(root);
	if (manifest === null || manifest === "broken") return null;
	const yaml = await root.read("pnpm-workspace.yaml", 16_384);
	const listed = yaml === null ? patternsOf(manifest.workspaces) : patternsInYaml(yaml);
	if (listed.length === 0) return null;
	const folders = await expand(root, listed.slice(0, maxPatterns));
	const members: Member[] = [];
	for (const folder of folders) {
		const workspace = await root.at(under(root.directory, folder));
		const found = workspace === null ? null : await readPackageJson(workspace);
		if (found !== null && found !== "broken") members.push({ folder, manifest: found });
		if (members.length >= maxMembers) break;
	}
	return { root, manifest, file: yaml === null ? "package.json" : "pnpm-workspace.yaml", members };
}

/** The monorepo that this package is a member of, looked for in the folders above it. */
export async function findMonorepoAbove(workspace: Workspace): Promise<Monorepo | null> {
	const parts = workspace.directory === "" ? [] : workspace.directory.split("/");
	for (let depth = parts.length - 1; depth >= 0; depth--) {
		const directory = parts.slice(0, depth).join("/");
		const root = await workspace.at(directory);
		const monorepo = root === null ? null : await readMonorepo(root);
		if (monorepo?.members.some(({ folder }) => under(directory, folder) === workspace.directory)) return monorepo;
	}
	return null;
}

/** Packages of the monorepo that this one is built from, in the order in which they must be built; at most 30. */
export function internalDependencies({ members }: Monorepo, manifest: PackageJson): Member[] {
	const found: Member[] = [];
	const seen = new Set<string>();
	const visit = (from: PackageJson) => {
		for (const name of Object.keys({ ...from.dependencies, ...from.devDependencies })) {
			const member = members.find((candidate) => candidate.manifest.name === name);
			if (!member || seen.has(name) || seen.size >= 30) continue;
			seen.add(name);
			visit(member.manifest);
			found.push(member);
		}
	};
	if (manifest.name !== undefined) seen.add(manifest.name);
	visit(manifest);
	return found;
}

/** A folder below another one, both relative to the repository's root. */
export function under(directory: string, folder: string): string {
	return directory === "" ? folder : folder === "" ? directory : `${directory}/${folder}`;
}

function patternsOf(workspaces: unknown): string[] {
	const listed = z.union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform(({ packages }) => packages)]);
	return listed.catch([]).parse(workspaces);
}

/** The list under `packages:`; nothing else of the file matters here. */
function patternsInYaml(yaml: string): string[] {
	const lines = yaml.split(/\r?\n/).map((line) => line.replace(/\s+#.*$/, ""));
	const start = lines.findIndex((line) => /^packages\s*:/.test(line));
	if (start < 0) return [];
	const inline = /\[(.*)\]/.exec(lines[start] ?? "")?.[1];
	if (inline !== undefined) return inline.split(",").map(unquoted).filter(Boolean);
	const found: string[] = [];
	for (const line of lines.slice(start + 1)) {
		const item = /^\s*-\s+(.+)$/.exec(line)?.[1];
		if (item !== undefined) found.push(unquoted(item));
		else if (/^\S/.test(line)) break;
	}
	return found;
}

const unquoted = (text: string) => text.trim().replace(/^(["'])(.*)\1$/, "$2");

/** Folders that fit the patterns, sorted; `!pattern` takes away. */
async function expand(root: Workspace, patterns: readonly string[]): Promise<string[]> {
	const found = new Set<string>();
	const search: Search = { root, listings: maxListings };
	for (const pattern of patterns) {
		const wanted = pattern.replace(/^!/, "").replace(/^\.\//, "").replace(/\/+$/, "");
		if (!isPattern(wanted)) continue;
		for (const folder of await matching(search, "", wanted.split("/"), maxDepth)) {
			if (pattern.startsWith("!")) found.delete(folder);
			else found.add(folder);
		}
	}
	return [...found].sort();
}

/** A path with at most one `**`, and at most two stars in a name; "." is the root itself. */
function isPattern(text: string): boolean {
	const parts = text.split("/");
	if (text === "" || text === "." || !/^[\w@.*/-]{1,200}$/.test(text)) return false;
	return parts.filter((part) => part === "**").length <= 1 && parts.every((part) => part === "**" || part.split("*").length <= 3);
}

interface Search {
	root: Workspace;
	/** Folders that may still be listed. */
	listings: number;
}

async function matching(search: Search, folder: string, [part, ...rest]: readonly string[], depth: number): Promise<string[]> {
	if (part === undefined) return [folder];
	if (part === "**") return matchingBelow(search, folder, rest, depth);
	if (!part.includes("*")) return matching(search, under(folder, part), rest, depth);
	const name = new RegExp(`^${part.split("*").map(RegExp.escape).join("[^/]*")}$`);
	const found: string[] = [];
	for (const inner of await foldersIn(search, folder)) {
		if (found.length >= maxMembers) break;
		if (name.test(inner.slice(folder === "" ? 0 : folder.length + 1))) found.push(...(await matching(search, inner, rest, depth)));
	}
	return found;
}

/** `**`: the folder itself, where more of the pattern follows, and every folder below it. */
async function matchingBelow(search: Search, folder: string, rest: readonly string[], depth: number): Promise<string[]> {
	const found = rest.length > 0 ? await matching(search, folder, rest, depth) : folder === "" ? [] : [folder];
	if (depth === 0) return found;
	for (const inner of await foldersIn(search, folder)) {
		if (found.length >= maxMembers) break;
		found.push(...(await matchingBelow(search, inner, rest, depth - 1)));
	}
	return found;
}

async function foldersIn(search: Search, folder: string): Promise<string[]> {
	if (search.listings-- <= 0) return [];
	const entries = await search.root.list(folder);
	return entries
		.filter(({ kind, name }) => kind === "directory" && !name.startsWith(".") && name !== "node_modules")
		.map(({ name }) => under(folder, name));
}
