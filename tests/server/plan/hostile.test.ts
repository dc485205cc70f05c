import { afterAll, beforeAll, expect, test } from "vitest";
import { withoutComments } from "#server/plan/node/config-text.ts";
import { type Files, openWorkspaces, type Workspaces } from "#tests/support/workspaces.ts";

let workspaces: Workspaces;
beforeAll(async () => {
	workspaces = await openWorkspaces();
});
afterAll(() => workspaces.remove());

const long = (text: string) => text.repeat(Math.floor(250_000 / text.length));
const app = (name: string) => ({ scripts: { build: "x", start: "node server.js" }, dependencies: { [name]: "1.0.0" } });

/** Texts that make a careless reader go over the same place again and again. */
test.each<[string, Files]>([
	["comments that never end", { "package.json": app("next"), "next.config.js": long("/*") }],
	["texts that never end", { "package.json": app("next"), "next.config.js": `\`${long("\\`")}` }],
	["quotes that never end", { "package.json": app("next"), "next.config.js": `"${long('\\"')}` }],
	["a key again and again", { "package.json": app("vite"), "index.html": "", "vite.config.js": long("outDir : ") }],
	["spaces", { "package.json": app("vite"), "index.html": "", "vite.config.js": `outDir:${long(" ")}x` }],
	["calls that never end", { "package.json": app("express"), "server.js": long("listen({") }],
	["names", { "package.json": app("express"), "server.js": `app.listen(port); const port = ${long("a")}` }],
	["a folder that is never named", { "package.json": app("@rsbuild/core"), "rsbuild.config.js": long("distPath:{root") }],
	["a Procfile of one line", { Procfile: `web: ${long("a ")}` }],
	[
		"a long script",
		{
			"package.json": { scripts: { build: `vite build ${long("a ")}!`, start: long("node ") }, dependencies: { vite: "1" } },
			"index.html": "",
		},
	],
	["stars", { "package.json": { workspaces: ["a*a*a*a*a*a*a*b", "**/**/**/**", long("*")] }, [`${"a".repeat(200)}/package.json`]: {} }],
	[
		"a deep and wide workspace",
		{
			"package.json": { workspaces: ["**", "**/*"] },
			...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`p${n % 20}/q${n}/package.json`, {}])),
		},
	],
])("is read quickly: %s", { timeout: 5000 }, async (_name, files) => {
	expect(await workspaces.plans(files)).toBeInstanceOf(Array);
});

test("comments are blanked out, lines stay where they are, and texts are kept", () => {
	expect(withoutComments("a: \"http://x\", // b: 1\n/* c\n d */ e: '/*', f: `//`")).toBe(
		"a: \"http://x\",        \n    \n      e: '/*', f: `//`",
	);
});
