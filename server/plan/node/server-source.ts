import type { Evidence } from "../../../lib/protocol/index.ts";
import { lineOf } from "../provider.ts";
import type { NodeApp } from "./app.ts";
import { withoutComments } from "./config-text.ts";
import { type Start, sourcesOf } from "./start.ts";

export interface ServerFacts {
	/** Port it listens on whatever `PORT` says; null where it follows `PORT`, or does not say. */
	port: number | null;
	/** A path that tells whether it is well; null where none is seen. */
	healthPath: string | null;
	evidence: Evidence[];
}

/** What the start command and the program it starts say as literals. */
export async function readServerFacts(app: NodeApp, start: Start): Promise<ServerFacts> {
	const facts: ServerFacts = { port: null, healthPath: null, evidence: [] };
	const told = /(?:^|\s)(?:-p|--port)[ =](\d{2,5})\b|\bPORT=(\d{2,5})\b/.exec(start.text);
	if (told) {
		facts.port = portNumber(told[1] ?? told[2]);
		if (facts.port !== null) facts.evidence.push({ ...start.evidence, means: `The start command names port ${facts.port}` });
	}
	const entry = await readEntry(app, start);
	if (entry === null) return facts;
	const port = facts.port ?? portOf(entry.text);
	if (port !== null && facts.port === null) {
		facts.port = port;
		facts.evidence.push({ file: entry.file, line: lineOf(entry.text, String(port)), means: `Listens on port ${port}` });
	}
	const health = healthRoute.exec(entry.text)?.[2] ?? null;
	if (health !== null) {
		facts.healthPath = health;
		facts.evidence.push({ file: entry.file, line: lineOf(entry.text, health), means: `Answers ${health}` });
	}
	return facts;
}

const healthRoute =
	/\.(?:get|all|use|route)\s*\(\s*(["'`])(\/(?:api\/|_)?(?:health|healthz|healthcheck|health-check|health\/live|livez|readyz|ready|ping|status))\1/;

/** The file a command starts, or the source it was built from. */
async function readEntry(
	{ workspace, manifest }: NodeApp,
	{ command, text, evidence }: Start,
): Promise<{ file: string; text: string } | null> {
	const words = command.includes("node") || command.length > 2 ? [...command, ...text.split(/\s+/)] : text.split(/\s+/);
	const named = words.filter((word) => /^[\w@./-]+\.[cm]?[jt]s$/.test(word) || /^(?:\.\/)?(?:dist|build|src)\/[\w/-]+$/.test(word));
	const files = [evidence.file, ...named, ...(manifest.main ? [manifest.main] : [])];
	for (const file of files.flatMap((path) => [path, ...sourcesOf(path)]).slice(0, 60)) {
		if (!/\.[cm]?[jt]s$/.test(file) || !(await workspace.isFile(file))) continue;
		return { file: file.replace(/^\.\//, ""), text: withoutComments((await workspace.read(file)) ?? "") };
	}
	return null;
}

function portOf(text: string): number | null {
	const options = /\b(?:listen|serve)\s*\(\s*(?:[\w.]+\s*,\s*)?\{([^}]{0,1000})\}/.exec(text)?.[1];
	const inOptions = options === undefined ? undefined : /\bport\s*:\s*([^,}\n]+)/.exec(options)?.[1];
	const shorthand = options !== undefined && /(?:^|[\s,{])port\s*(?:,|$)/.test(options) ? "port" : undefined;
	const plain = /\.listen\s*\(\s*([^,)\n]+)/.exec(text)?.[1];
	return literalPort(text, (inOptions ?? shorthand ?? plain ?? "").trim(), 2);
}

/** The number an expression stands for, through at most two constants. */
function literalPort(text: string, expression: string, depth: number): number | null {
	if (/^\d{2,5}$/.test(expression)) return portNumber(expression);
	if (depth === 0 || !/^[A-Za-z_$][\w$]{0,80}$/.test(expression)) return null;
	const value = new RegExp(`\\b(?:const|let|var)\\s+${RegExp.escape(expression)}\\s*(?::\\s*\\w+\\s*)?=\\s*([^;\\n]+)`).exec(text)?.[1];
	return value === undefined ? null : literalPort(text, value.trim(), depth - 1);
}

function portNumber(text: string | undefined): number | null {
	const port = Number(text);
	return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}
