import type { Workspace } from "../../source/workspace.ts";
import { fixedPort } from "../port.ts";
import { lineOf } from "../provider.ts";

export interface GoMain {
	/** As `go build` takes it: ".", "./cmd/server". */
	package: string;
	file: string;
	line: number | null;
	/** Port it listens on whatever `PORT` says. */
	port: number | null;
	/** Something in it listens for requests. */
	listens: boolean;
}

const maxFiles = 400;
const usualNames = ["server", "web", "api", "app", "http", "main", "serve", "service"];

/** Every package of the module that is a program, the likeliest server first. */
export async function findGoMains(workspace: Workspace): Promise<GoMain[]> {
	const found = new Map<string, GoMain>();
	let read = 0;
	for await (const { path } of workspace.walk(10_000)) {
		if (
			!path.endsWith(".go") ||
			path.endsWith("_test.go") ||
			/(?:^|\/)(?:vendor|testdata|examples?|internal|tools|scripts|hack)\//.test(path)
		)
			continue;
		if (path.split("/").length > 4 || ++read > maxFiles) continue;
		const text = await workspace.read(path, 128 * 1024);
		if (text === null || !/^package main\b/m.test(text) || /^\/\/go:build ignore\b/m.test(text)) continue;
		const folder = path.includes("/") ? path.replace(/\/[^/]+$/, "") : "";
		const name = folder === "" ? "." : `./${folder}`;
		const before = found.get(name);
		const starts = /^func main\(\)/m.test(text);
		const listens = /\b(?:ListenAndServe(?:TLS)?|http\.Serve|net\.Listen)\s*\(|\.(?:Run|Start|Listen)\(/.test(text);
		if (!starts && before === undefined && !listens) continue;
		found.set(name, {
			package: name,
			file: starts || before === undefined ? path : before.file,
			line: starts ? lineOf(text, "func main(") : (before?.line ?? null),
			port: fixedPort(text) ?? before?.port ?? null,
			listens: listens || (before?.listens ?? false),
		});
	}
	return [...found.values()].filter(({ line }) => line !== null).sort((a, b) => rank(a) - rank(b));
}

/** The root first, then names that say what they are, then the shallow ones. */
function rank(main: GoMain): number {
	if (main.package === ".") return main.listens ? 0 : 50;
	const place = usualNames.indexOf(main.package.split("/").at(-1) ?? "");
	return (main.listens ? 1 : 60) + (place < 0 ? usualNames.length : place) + main.package.split("/").length;
}
