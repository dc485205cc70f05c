import type { Evidence } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { lowestVersion } from "./lowest-version.ts";
import { lineOf } from "./provider.ts";
import { parseToml, tableAt } from "./toml.ts";

export interface RustProgram {
	/** Name of the binary. */
	name: string;
	/** Name of its package, for a workspace; null where there is one package. */
	package: string | null;
	/** Text of its manifest, and where it lies. */
	manifest: { file: string; text: string; names: string[] };
	main: { file: string; text: string };
}

const maxMembers = 50;

/** The programs of a Cargo package or workspace, those that listen first; null when there is no Cargo.toml that can be read. */
export async function findRustPrograms(workspace: Workspace): Promise<RustProgram[] | null> {
	const text = await workspace.read("Cargo.toml");
	const root = text === null ? null : parseToml(text);
	if (text === null || root === null) return null;
	const programs = await programsOf(workspace, "", false);
	for (const folder of await memberFolders(workspace, tableAt(root, "workspace").members))
		programs.push(...(await programsOf(workspace, `${folder}/`, true)));
	return programs.sort((a, b) => Number(listensIn(b)) - Number(listensIn(a)));
}

/** True when its main file, or what it depends on, is there to answer requests. */
export function listensIn({ main, manifest }: RustProgram): boolean {
	return rustListens.test(main.text) || manifest.names.some((name) => rustFrameworks.some(([known]) => known === name));
}

export const rustListens =
	/\bTcpListener::bind\b|HttpServer::new\b|axum::serve\b|#\[launch\]|rocket::build\b|warp::serve\b|Server::bind\b|\.serve\(|tiny_http/;

export const rustFrameworks: readonly (readonly [string, string])[] = [
	["axum", "Axum"],
	["actix-web", "Actix Web"],
	["rocket", "Rocket"],
	["warp", "Warp"],
	["poem", "Poem"],
	["salvo", "Salvo"],
	["tide", "Tide"],
	["hyper", "Hyper"],
	["tiny_http", "tiny_http"],
];

async function programsOf(workspace: Workspace, folder: string, member: boolean): Promise<RustProgram[]> {
	const file = `${folder}Cargo.toml`;
	const text = await workspace.read(file);
	const parsed = text === null ? null : parseToml(text);
	const name = tableAt(parsed, "package").name;
	if (text === null || parsed === null || typeof name !== "string" || !plainName.test(name)) return [];
	const manifest = { file, text, names: Object.keys(tableAt(parsed, "dependencies")) };
	const listed = Array.isArray(parsed.bin) ? parsed.bin.slice(0, maxMembers) : [];
	const bins: [string, string][] = listed.flatMap((bin) => {
		const { name: own, path } = tableAt(bin);
		return typeof own === "string" && plainName.test(own)
			? [[own, typeof path === "string" ? path : `src/bin/${own}.rs`] as [string, string]]
			: [];
	});
	if (bins.every(([, path]) => path !== "src/main.rs")) bins.push([name, "src/main.rs"]);
	for (const entry of await workspace.list(`${folder}src/bin`)) {
		const own = entry.name.replace(/\.rs$/, "");
		if (entry.name.endsWith(".rs") && plainName.test(own) && bins.every(([bin]) => bin !== own)) bins.push([own, `src/bin/${entry.name}`]);
	}
	const found: RustProgram[] = [];
	for (const [bin, path] of bins) {
		const source = await workspace.read(`${folder}${path}`);
		if (source !== null)
			found.push({ name: bin, package: member ? name : null, manifest, main: { file: `${folder}${path}`, text: source } });
	}
	return found;
}

const plainName = /^[\w-]{1,100}$/;

async function memberFolders(workspace: Workspace, members: unknown): Promise<string[]> {
	const folders: string[] = [];
	for (const member of Array.isArray(members) ? members.slice(0, maxMembers) : []) {
		if (typeof member !== "string") continue;
		const parent = /^([\w./-]+)\/\*$/.exec(member)?.[1];
		if (parent === undefined) folders.push(member.replace(/\/+$/, ""));
		else for (const entry of await workspace.list(parent)) if (entry.kind === "directory") folders.push(`${parent}/${entry.name}`);
	}
	return folders.filter((folder) => folder !== "" && folder !== ".").slice(0, maxMembers);
}

/** The Rust a project asks for: `rust-toolchain.toml`, `rust-toolchain`, then `rust-version` of the manifest. */
export async function rustVersion(workspace: Workspace, manifest: string): Promise<{ version: string | null; evidence: Evidence[] }> {
	for (const file of ["rust-toolchain.toml", "rust-toolchain"]) {
		const text = await workspace.read(file, 4096);
		const channel = /^\s*(?:channel\s*=\s*["'])?(\d+\.\d+(?:\.\d+)?)/m.exec(text ?? "");
		if (text !== null && channel?.[1] !== undefined)
			return { version: channel[1], evidence: [{ file, line: lineOf(text, channel[1]), means: `Rust ${channel[1]} or newer` }] };
	}
	const parsed = tableAt(parseToml(manifest), "package");
	const said = parsed["rust-version"];
	const edition = parsed.edition === "2024" ? "1.85" : null;
	const version = typeof said === "string" ? lowestVersion(said) : edition;
	if (version === null) return { version: null, evidence: [] };
	const line = lineOf(manifest, typeof said === "string" ? "rust-version" : "edition");
	return { version, evidence: [{ file: "Cargo.toml", line, means: `Rust ${version} or newer` }] };
}
