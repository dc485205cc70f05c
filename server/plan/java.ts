import type { Evidence } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { fixedPort } from "./port.ts";
import { lineOf } from "./provider.ts";

export interface JavaMain {
	file: string;
	line: number | null;
	/** Name with its package: "com.example.App". */
	className: string;
	port: number | null;
	/** How many Java files there are; one alone needs no build. */
	files: number;
}

const maxFiles = 300;
const listens = /\bHttpServer\.create\(|\bServerSocket\s*\(|\bnew ServerSocket\b|\bSimpleFileServer\b|\bAsynchronousServerSocketChannel\b/;

/** A program of the JDK alone that listens; null when there is none. */
export async function findJavaMain(workspace: Workspace): Promise<JavaMain | null> {
	const found: JavaMain[] = [];
	let files = 0;
	let server: string | null = null;
	for await (const { path } of workspace.walk(5000)) {
		if (!path.endsWith(".java") || /(?:^|\/)tests?\//.test(path)) continue;
		if (++files > maxFiles) break;
		const text = await workspace.read(path, 128 * 1024);
		if (text === null) continue;
		server ??= listens.test(text) ? text : null;
		if (!/\bvoid\s+main\s*\(/.test(text)) continue;
		const inPackage = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1];
		const name = path.replace(/^.*\//, "").replace(/\.java$/, "");
		if (!/^\w+$/.test(name)) continue;
		found.push({
			file: path,
			line: lineOf(text, " main(") ?? lineOf(text, " main ("),
			className: inPackage === undefined ? name : `${inPackage}.${name}`,
			port: fixedPort(text),
			files: 0,
		});
	}
	const main = found[0];
	return main === undefined || server === null ? null : { ...main, port: main.port ?? fixedPort(server), files };
}

export interface JavaVersion {
	version: string | null;
	evidence: Evidence[];
}

/** The Java a project asks for: `.java-version`, `.sdkmanrc`, `system.properties`, then what its build file says. */
export async function javaVersion(workspace: Workspace, build: { file: string; text: string } | null): Promise<JavaVersion> {
	const places: [string, RegExp][] = [
		[".java-version", /^\s*(?:\w+-)?(?:1\.)?(\d+)/],
		[".sdkmanrc", /^\s*java\s*=\s*(?:1\.)?(\d+)/m],
		["system.properties", /^\s*java\.runtime\.version\s*=\s*(?:1\.)?(\d+)/m],
	];
	for (const [file, pattern] of places) {
		const text = await workspace.read(file, 1000);
		const found = pattern.exec(text ?? "");
		if (text !== null && found?.[1] !== undefined) return said(found[1], file, lineOf(text, found[0].trim()));
	}
	if (build === null) return { version: null, evidence: [] };
	for (const pattern of [
		/<(?:java\.version|maven\.compiler\.release|release|maven\.compiler\.source|maven\.compiler\.target)>\s*(?:1\.)?(\d+)\s*</,
		/JavaLanguageVersion\.of\(\s*(\d+)\s*\)/,
		/(?:sourceCompatibility|targetCompatibility)\s*=?\s*(?:JavaVersion\.VERSION_|["']?)(?:1[._])?(\d+)/,
		/jvmToolchain\(\s*(\d+)\s*\)/,
	]) {
		const found = pattern.exec(build.text);
		if (found?.[1] !== undefined) return said(found[1], build.file, lineOf(build.text, found[0]));
	}
	return { version: null, evidence: [] };
}

function said(version: string, file: string, line: number | null): JavaVersion {
	return { version, evidence: [{ file, line, means: `Java ${version} or newer` }] };
}
