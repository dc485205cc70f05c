import { readFile } from "node:fs/promises";
import { inside } from "../../exec/layout.ts";
import { descendants } from "../../exec/process-table.ts";

/** Ports on which anything in the sandbox below this process listens, the sandbox's own left out; empty where nobody can tell. */
export async function listeningPorts(sandboxPid: number): Promise<number[]> {
	const within = (await descendants(sandboxPid)).at(-1);
	if (within === undefined) return [];
	const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/${within}/net/${name}`, "utf8").catch(() => "")));
	const ports = tables.join("\n").matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ 0A /gm);
	return [...new Set([...ports].map(([, port = ""]) => Number.parseInt(port, 16)))].filter((port) => port !== inside.proxyPort);
}
