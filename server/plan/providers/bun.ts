import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { bunImage } from "../dockerfiles/deno.ts";
import { parseJsonObject, stringsIn } from "../jsonc.ts";
import { languageProvider } from "../language-plan.ts";
import { fixedPort } from "../port.ts";
import { lineOf } from "../provider.ts";

interface Manifest {
	text: string;
	scripts: Record<string, string>;
	dependencies: Record<string, string>;
	development: Record<string, string>;
	packageManager: string;
	main: string | null;
}

interface Start {
	command: string[];
	text: string;
	port: number | null;
	evidence: Evidence;
}

const frameworks: [string, string][] = [
	["elysia", "Elysia"],
	["hono", "Hono"],
	["express", "Express"],
];

/** Programs that run on Bun itself: those that call its server, and those that are started by it. */
export const bunProvider = languageProvider({
	name: "bun",
	called: "Bun",
	signs: ["bunfig.toml"],
	image: bunImage,
	async detect(workspace) {
		const manifest = await readManifest(workspace);
		const start = (await scriptStart(workspace, manifest)) ?? (await programStart(workspace, manifest));
		if (start === null) return null;
		const locked = (await workspace.isFile("bun.lock")) || (await workspace.isFile("bun.lockb"));
		const needs = manifest !== null && Object.keys({ ...manifest.dependencies, ...manifest.development }).length > 0;
		const version = await bunVersion(workspace, manifest);
		const known = frameworks.find(([name]) => manifest !== null && Object.hasOwn(manifest.dependencies, name));
		return {
			language: "Bun",
			framework: known ? `${known[1]} on Bun` : "Bun",
			summary: `Detected ${known ? `${known[1]} application` : "a Bun server"}, Bun ${version}, starts with ${start.text}`,
			kind: "process",
			packageManager: "bun",
			install: needs ? ["bun", "install", ...(locked ? ["--frozen-lockfile"] : [])] : null,
			build: manifest?.scripts.build === undefined ? null : ["bun", "run", "build"],
			start: start.command,
			port: start.port,
			tools: [{ name: "bun", version }],
			confidence: 0.96,
			evidence: [
				...(known ? [{ file: "package.json", line: lineOf(manifest?.text ?? "", `"${known[0]}"`), means: `Uses ${known[1]}` }] : []),
				start.evidence,
				...(locked
					? [{ file: (await workspace.isFile("bun.lock")) ? "bun.lock" : "bun.lockb", line: null, means: "bun, with exact versions" }]
					: []),
			],
			warnings: needs && !locked ? ["There is no lockfile: each build may get other versions of the dependencies."] : [],
		};
	},
});

async function readManifest(workspace: Workspace): Promise<Manifest | null> {
	const text = await workspace.read("package.json", 1024 * 1024);
	const parsed = text === null ? null : parseJsonObject(text);
	if (text === null || parsed === null) return null;
	return {
		text,
		scripts: stringsIn(parsed, "scripts"),
		dependencies: stringsIn(parsed, "dependencies"),
		development: stringsIn(parsed, "devDependencies"),
		packageManager: typeof parsed.packageManager === "string" ? parsed.packageManager : "",
		main: typeof parsed.module === "string" ? parsed.module : typeof parsed.main === "string" ? parsed.main : null,
	};
}

async function bunVersion(workspace: Workspace, manifest: Manifest | null): Promise<string> {
	const file = /^\s*v?(\d+\.\d+\.\d+)\s*$/.exec((await workspace.read(".bun-version", 100)) ?? "")?.[1];
	return file ?? /^bun@(\d+\.\d+\.\d+)/.exec(manifest?.packageManager ?? "")?.[1] ?? "1";
}

/** A start script that calls Bun with a file of the project. */
async function scriptStart(workspace: Workspace, manifest: Manifest | null): Promise<Start | null> {
	const script = manifest?.scripts.start;
	const file = /^(?:NODE_ENV=production )?bun (?:run )?(?:\.\/)?([\w@./-]+\.(?:[cm]?[jt]sx?))$/.exec(script ?? "")?.[1];
	if (manifest === null || script === undefined || file === undefined) return null;
	const text = (await workspace.read(file)) ?? "";
	return {
		command: ["bun", "run", file],
		text: script,
		port: fixedPort(text),
		evidence: { file: "package.json", line: lineOf(manifest.text, '"start"'), means: `Starts with ${script}` },
	};
}

const names = ["index", "server", "main", "app"].flatMap((name) => ["ts", "tsx", "js"].map((extension) => `${name}.${extension}`));

/** A program that calls Bun's server, or a module that gives it what it needs in a project made for Bun. */
async function programStart(workspace: Workspace, manifest: Manifest | null): Promise<Start | null> {
	if (manifest?.scripts.start !== undefined) return null;
	const forBun =
		manifest !== null && (Object.hasOwn(manifest.development, "@types/bun") || Object.hasOwn(manifest.development, "bun-types"));
	const main = /^(?:\.\/)?([\w@./-]+)$/.exec(manifest?.main ?? "")?.[1];
	for (const file of [...(main === undefined ? [] : [main]), ...names, ...names.map((name) => `src/${name}`)]) {
		const text = await workspace.read(file);
		if (text === null) continue;
		const serves =
			/\bBun\.serve\s*\(/.exec(text) ?? (forBun ? /export default (?:app\b|\{[\s\S]{0,2000}?\bfetch\b)|\.listen\s*\(/.exec(text) : null);
		if (!serves) continue;
		return {
			command: ["bun", "run", file],
			text: `bun run ${file}`,
			port: fixedPort(text),
			evidence: { file, line: text.slice(0, serves.index).split("\n").length, means: "A program that listens" },
		};
	}
	return null;
}
