import { posix } from "node:path";
import type { Evidence } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { lineOf } from "./provider.ts";

export interface ViteConfig {
	/** Output folder relative to the app. */
	output: string;
	/** The path the site is built for, when it is not the root of its host. */
	base: string | null;
	evidence: Evidence[];
	warnings: string[];
}

const names = ["vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs", "vite.config.cts", "vite.config.cjs"];

/** Reads what a Vite configuration and the build script say as literals; the configuration is never run. */
export async function readViteConfig(workspace: Workspace, buildScript: string): Promise<ViteConfig> {
	const found: ViteConfig = { output: "dist", base: null, evidence: [], warnings: [] };
	const flag = /--outDir[= ]["']?([\w./-]+)/.exec(buildScript)?.[1];
	if (flag !== undefined) return { ...found, output: inside(flag) ?? "dist" };
	for (const file of names) {
		const text = await workspace.read(file);
		if (text === null) continue;
		found.evidence.push({ file, line: null, means: "A Vite configuration" });
		const root = literal(text, "root") ?? ".";
		const outDir = literal(text, "outDir");
		const output = posix.isAbsolute(outDir ?? "") ? null : inside(posix.join(root, outDir ?? "dist"));
		if (outDir !== null && output !== null)
			found.evidence.push({ file, line: lineOf(text, "outDir"), means: `The build writes to ${output}` });
		if (output === null || (outDir === null && /\boutDir\b/.test(text))) {
			found.warnings.push(`The output folder in ${file} is not written out; ${output ?? "dist"} is assumed.`);
		}
		const base = literal(text, "base");
		return { ...found, output: output ?? "dist", base: base?.startsWith("/") && base !== "/" ? base : null };
	}
	return found;
}

function literal(text: string, key: string): string | null {
	return new RegExp(`(?:^|[\\s{,])${key}\\s*:\\s*(["'\`])([^"'\`$\\n]{1,200})\\1`).exec(text)?.[2] ?? null;
}

/** A tidy relative path, or null when it leaves the app's folder. */
function inside(path: string): string | null {
	const plain = posix.normalize(path).replace(/^\.\/|\/+$/g, "");
	if (!/^[\w@./-]+$/.test(plain)) return null;
	return posix.isAbsolute(plain) || plain === "." || plain === ".." || plain.startsWith("../") ? null : plain;
}
