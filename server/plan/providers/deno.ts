import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { denoImage } from "../dockerfiles/deno.ts";
import { parseJsonObject, stringsIn } from "../jsonc.ts";
import { languageProvider } from "../language-plan.ts";
import { fixedPort, withPort } from "../port.ts";
import { lineOf } from "../provider.ts";

interface DenoConfig {
	file: string;
	text: string;
	tasks: Record<string, string>;
	imports: Record<string, string>;
}

interface Start {
	command: string[];
	text: string;
	port: number | null;
	evidence: Evidence;
}

const frameworks: [RegExp, string][] = [
	[/\$?fresh(?:\/|@|"|$)/, "Fresh"],
	[/@oak\/oak|deno\.land\/x\/oak/, "Oak"],
	[/@?hono(?:\/|@|"|$)/, "Hono"],
	[/lume(?:\/|@)/, "Lume"],
];

/** Deno programs: a task `start`, a module that serves, or one that exports `fetch`. */
export const denoProvider = languageProvider({
	name: "deno",
	called: "Deno",
	signs: ["deno.json", "deno.jsonc"],
	image: denoImage,
	async detect(workspace) {
		const config = await readConfig(workspace);
		const locked = await workspace.isFile("deno.lock");
		const program = await findProgram(workspace, config !== null || locked);
		const start = taskStart(config) ?? program;
		if (start === null || (config === null && !locked && program === null)) return null;
		const asked = /^\s*v?(\d+(?:\.\d+\.\d+)?)/.exec((await workspace.read(".deno-version", 100)) ?? "")?.[1] ?? "2";
		const known = frameworks.find(([sign]) => Object.values(config?.imports ?? {}).some((target) => sign.test(target)));
		const build = config?.tasks.build === undefined ? null : ["deno", "task", "build"];
		return {
			language: "Deno",
			framework: known?.[1] ?? "Deno",
			summary: `Detected ${known ? `${known[1]} application` : "a Deno server"}, Deno ${asked}, starts with ${start.text}`,
			kind: "process",
			install: needsInstall(config, locked) ? ["deno", "install", ...(locked ? ["--frozen"] : [])] : null,
			build,
			test: config?.tasks.test === undefined ? null : ["deno", "task", "test"],
			start: start.command,
			port: start.port,
			tools: [{ name: "deno", version: asked }],
			// What is fetched during the build is there when the app starts.
			env: { DENO_DIR: ".deno" },
			confidence: config !== null || locked ? 0.96 : 0.9,
			evidence: [
				...(config === null ? [] : [{ file: config.file, line: null, means: "A Deno project" }]),
				...(known && config ? [{ file: config.file, line: lineOf(config.text, '"imports"'), means: `Uses ${known[1]}` }] : []),
				start.evidence,
				...(locked ? [{ file: "deno.lock", line: null, means: "Deno, with exact versions" }] : []),
			],
			warnings:
				needsInstall(config, locked) && !locked ? ["There is no lockfile: each build may get other versions of the dependencies."] : [],
		};
	},
});

async function readConfig(workspace: Workspace): Promise<DenoConfig | null> {
	for (const file of ["deno.json", "deno.jsonc"]) {
		const text = await workspace.read(file);
		const parsed = text === null ? null : parseJsonObject(text);
		if (text !== null && parsed !== null) return { file, text, tasks: stringsIn(parsed, "tasks"), imports: stringsIn(parsed, "imports") };
	}
	return null;
}

function needsInstall(config: DenoConfig | null, locked: boolean): boolean {
	return locked || Object.values(config?.imports ?? {}).some((target) => /^(?:npm|jsr|https?):/.test(target));
}

/** A task that serves for visitors: one that watches files is for development. */
function taskStart(config: DenoConfig | null): Start | null {
	if (config === null) return null;
	for (const name of ["start", "serve", "preview"]) {
		const task = config.tasks[name];
		if (task === undefined || /--watch|\bdev\b/.test(task)) continue;
		const port = /--port[ =](\d{2,5})\b/.exec(task)?.[1];
		return {
			command: ["deno", "task", name],
			text: `deno task ${name}`,
			port: port === undefined ? null : Number(port),
			evidence: { file: config.file, line: lineOf(config.text, `"${name}"`), means: `Starts with ${task}` },
		};
	}
	return null;
}

const names = ["main", "server", "mod", "index", "app"].flatMap((name) => ["ts", "tsx", "js"].map((extension) => `${name}.${extension}`));

/** Without a configuration only what can be nothing but Deno counts. */
async function findProgram(workspace: Workspace, isDeno: boolean): Promise<Start | null> {
	for (const file of [...names, ...names.map((name) => `src/${name}`)]) {
		const text = await workspace.read(file);
		if (text === null || !(isDeno || /\bDeno\.(?:serve|listen|env)\b|from ["'](?:jsr:|https:\/\/deno\.land\/)/.test(text))) continue;
		const serves = /\bDeno\.serve\b|\bDeno\.listen\b|\.listen\s*\(|\bserve\s*\(/.exec(text);
		const exported = /export default (?:\{[\s\S]{0,2000}?\bfetch\b|app\b)/.exec(text);
		if (serves) {
			const port = fixedPort(text);
			const evidence = { file, line: lineOf(text, serves[0]), means: "A program that listens" };
			// Deno's own server listens where this variable says unless the program names a port.
			const follows = port === null && !/\bPORT\b/.test(text);
			const command = ["deno", "run", "--allow-all", file];
			return {
				command: follows ? withPort('env DENO_SERVE_ADDRESS="tcp:0.0.0.0:$PORT" deno run --allow-all', [file]) : command,
				text: `deno run ${file}`,
				port,
				evidence,
			};
		}
		if (exported)
			return {
				command: withPort('deno serve --allow-all --host 0.0.0.0 --port "$PORT"', [file]),
				text: `deno serve ${file}`,
				port: null,
				evidence: { file, line: lineOf(text, "export default"), means: "A module that answers requests" },
			};
	}
	return null;
}
