import type { Workspace } from "../source/workspace.ts";

const maxFiles = 400;
const maxRead = 40;
const code = /\.(?:[cm]?[jt]sx?|py|go|rb|php|rs|java|kt|ex|properties|ya?ml|toml|json|sh|conf)$|(?:^|\/)Procfile$/;
const passedOver = /(?:^|\/)(?:package-lock\.json|node_modules|vendor|dist|build|tests?|__tests__)(?:\/|$)|\.(?:test|spec)\./;

/** Where the code names this port: the likeliest place, null when there is none. */
export async function findPort(files: Workspace, port: number): Promise<{ file: string; line: number } | null> {
	const number = new RegExp(String.raw`(?<![\d.])${port}(?![\d.])`);
	const listens = /listen|port|bind|addr|run\(|serve/i;
	let read = 0;
	for await (const { path, bytes } of files.walk(maxFiles)) {
		if (!code.test(path) || passedOver.test(path) || bytes > 200_000) continue;
		if (++read > maxRead) return null;
		const lines = ((await files.read(path)) ?? "").split("\n");
		const at = lines.findIndex((line) => number.test(line) && listens.test(line));
		if (at >= 0) return { file: path, line: at + 1 };
	}
	return null;
}
