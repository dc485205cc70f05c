import semver from "semver";
import type { Evidence } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import type { PackageJson } from "./package-json.ts";

export const defaultNodeVersion = "24";

/** Majors in the order of preference when a range leaves a choice. */
const majors = [24, 22, 20, 26, 18, 16, 14];
const ltsNames: Record<string, string> = { "*": "24", krypton: "24", jod: "22", iron: "20", hydrogen: "18" };

export interface NodeVersion {
	/** A major ("24") or an exact version ("20.11.1"). */
	version: string;
	evidence: Evidence[];
	warnings: string[];
}

/** The Node version a project asks for: `.nvmrc`, `.node-version`, then `engines.node`; 24 when it asks for none. */
export async function chooseNodeVersion(workspace: Workspace, manifest: PackageJson): Promise<NodeVersion> {
	for (const file of [".nvmrc", ".node-version"]) {
		const text = (await workspace.read(file, 200))?.split("\n")[0]?.trim();
		if (!text) continue;
		const version = fromVersionFile(text);
		if (version !== null) return { version, evidence: [{ file, line: 1, means: `Node ${version}` }], warnings: [] };
		return {
			version: defaultNodeVersion,
			evidence: [],
			warnings: [`“${text}” in ${file} is not a known Node version; Node ${defaultNodeVersion} is used.`],
		};
	}
	const range = manifest.engines.node;
	if (range === undefined) return { version: defaultNodeVersion, evidence: [], warnings: [] };
	const version = fromRange(range);
	if (version === null) {
		return {
			version: defaultNodeVersion,
			evidence: [],
			warnings: [`“${range}” in engines.node fits no Node version; Node ${defaultNodeVersion} is used.`],
		};
	}
	return {
		version,
		evidence: [{ file: "package.json", line: manifest.lineOf("engines"), means: `Node ${version}, because ${range} is asked for` }],
		warnings: [],
	};
}

function fromVersionFile(text: string): string | null {
	const name = text.toLowerCase().replace(/^(?:node\/)?v(?=\d)/, "");
	if (name === "node" || name === "stable" || name === "latest") return defaultNodeVersion;
	if (name.startsWith("lts/")) return ltsNames[name.slice("lts/".length)] ?? null;
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
