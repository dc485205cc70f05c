import semver from "semver";
import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import type { PackageJson } from "./package-json.ts";

export const defaultNodeVersion = "24";

/** Majors in the order of preference when a range leaves a choice. */
const majors = [24, 22, 20, 26, 18, 16, 14];
const ltsNames: Record<string, string> = { "*": "24", krypton: "24", jod: "22", iron: "20", hydrogen: "18", gallium: "16", fermium: "14" };

export interface NodeVersion {
	/** A major ("24") or an exact version ("20.11.1"). */
	version: string;
	evidence: Evidence[];
	warnings: string[];
}

interface Asked {
	text: string;
	/** How the place is called in a sentence, and where it is. */
	place: string;
	file: string;
	line: number | null;
}

/**
 * The Node version a project asks for: `.nvmrc`, `.node-version`, `.tool-versions`, Volta, then `engines.node`, in the app's folder
 * and then in the one its dependencies are installed in; 24 when it asks for none.
 */
export async function chooseNodeVersion(
	places: readonly { workspace: Workspace; manifest: PackageJson; prefix: string }[],
	wish?: string,
): Promise<NodeVersion> {
	const wished = wish === undefined ? null : resolveNodeVersion(wish);
	if (wished !== null) return { version: wished, evidence: [], warnings: [] };
	for (const { workspace, manifest, prefix } of places) {
		const asked = (await fromFiles(workspace)) ?? fromManifest(manifest);
		if (asked !== null) return chosen({ ...asked, file: `${prefix}${asked.file}` });
	}
	return { version: defaultNodeVersion, evidence: [], warnings: [] };
}

function chosen({ text, place, file, line }: Asked): NodeVersion {
	const version = resolveNodeVersion(text);
	if (version === null) {
		const problem = place === "engines.node" ? "fits no Node version" : "is not a known Node version";
		return {
			version: defaultNodeVersion,
			evidence: [],
			warnings: [`“${text.slice(0, 60)}” in ${place} ${problem}; Node ${defaultNodeVersion} is used.`],
		};
	}
	const means = place === "engines.node" ? `Node ${version}, because ${text} is asked for` : `Node ${version}`;
	return { version, evidence: [{ file, line, means }], warnings: [] };
}

async function fromFiles(workspace: Workspace): Promise<Asked | null> {
	for (const file of [".nvmrc", ".node-version"]) {
		const text = firstWord(await workspace.read(file, 200));
		if (text !== null) return { text, place: file, file, line: 1 };
	}
	const tools = (await workspace.read(".tool-versions", 4096))?.split("\n") ?? [];
	const index = tools.findIndex((line) => /^nodejs?\s+\S/.test(line));
	const text = tools[index]?.split(/\s+/)[1];
	return text === undefined ? null : { text, place: ".tool-versions", file: ".tool-versions", line: index + 1 };
}

function fromManifest(manifest: PackageJson): Asked | null {
	const place = (text: string, place: string, key: string): Asked => ({ text, place, file: "package.json", line: manifest.lineOf(key) });
	if (manifest.volta.node !== undefined) return place(manifest.volta.node, "volta.node", "volta");
	return manifest.engines.node === undefined ? null : place(manifest.engines.node, "engines.node", "engines");
}

/** The first line that says something, without its comment. */
function firstWord(text: string | null): string | null {
	const lines = (text ?? "").split("\n").map((line) => line.replace(/#.*$/, "").trim());
	return lines.find((line) => line !== "") ?? null;
}

/** What a version, a range or a name of nvm stands for: a major, or an exact version; null when no known Node fits. */
export function resolveNodeVersion(text: string): string | null {
	const name = text
		.trim()
		.toLowerCase()
		.replace(/^(?:node\/)?v(?=\d)/, "");
	if (name === "node" || name === "stable" || name === "latest" || name === "current") return defaultNodeVersion;
	if (name.startsWith("lts")) return ltsNames[name.replace(/^lts[/-]?/, "") || "*"] ?? null;
	if (/^\d{1,2}$/.test(name)) return name;
	return semver.valid(name) ?? fromRange(name);
}

function fromRange(range: string): string | null {
	if (semver.validRange(range) === null) return null;
	// A major is safe to name when its newest release, whatever that is, lies in the range.
	const major = majors.find((candidate) => semver.satisfies(`${candidate}.999.0`, range));
	if (major !== undefined) return String(major);
	const lowest = semver.minVersion(range);
	return lowest !== null && lowest.major >= Math.min(...majors) ? lowest.version : null;
}
