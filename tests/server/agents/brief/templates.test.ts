import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contrast, findColours, inkOn, readableOn } from "#server/agents/brief/colour.ts";
import { addFiles, compareFiles } from "#server/agents/brief/product-files.ts";
import { readSpec } from "#server/agents/brief/read/read-spec.ts";
import { kinds, type Spec, sectionKeys } from "#server/agents/brief/spec.ts";
import { api } from "#server/agents/brief/templates/api.ts";
import { blog } from "#server/agents/brief/templates/blog.ts";
import { dashboard } from "#server/agents/brief/templates/dashboard.ts";
import { docs } from "#server/agents/brief/templates/docs.ts";
import { landing, portfolio, waitlist } from "#server/agents/brief/templates/landing.ts";
import { todo } from "#server/agents/brief/templates/todo.ts";
import { briefs, makeProduct, writeProduct } from "./products.ts";

let home: string;
beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "quayside-products-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const templates = { landing, portfolio, waitlist, docs, blog, dashboard, todo, api };

function specOf(text: string): Spec {
	const spec = readSpec({ text, messages: [] });
	if (!spec.ok) throw new Error(spec.failure.message);
	return spec.value;
}

/** The files of a spec as it is, whatever stands in it. */
function productOf(spec: Spec): Map<string, string> {
	const files = templates[spec.kind].tasks(spec).flatMap((task) => task.files);
	return new Map(files.map(({ path, text }) => [path, text]));
}

const hostile = [
	"<script>alert(1)</script>",
	'"><img src=x onerror=alert(2)>',
	"</title><script>alert(3)</script>",
	"{{7*7}} `alert(4)` x",
	"javascript:alert(5)",
	"'); alert(6); ('",
];

it("there is a brief for every template", () => {
	expect(Object.keys(briefs).sort()).toEqual([...kinds].sort());
});

describe.each(kinds)("the template %s", (kind) => {
	const brief = briefs[kind] ?? "";

	it("has tasks with files and what must be true, and says that it is a template", async () => {
		const { plan, files } = await makeProduct(brief);
		expect(plan.sentence).toMatch(/starter template “.+”.+No model is used/);
		expect(plan.plan).toMatchObject({
			provider: "brief",
			install: null,
			build: null,
			test: ["node", "--test"],
			warnings: [expect.stringContaining("starter template")],
		});
		expect(plan.tasks.length).toBe(3);
		for (const { acceptance, files: paths } of plan.tasks) {
			expect(acceptance?.length).toBeGreaterThan(0);
			expect(paths?.length).toBeGreaterThan(0);
		}
		expect(plan.tasks.flatMap((task) => task.files ?? []).sort()).toEqual([...files.keys()].sort());
		expect(files.get("README.md")).toMatch(/starter template “.+” of Quayside/);
		const pages = [...files].filter(([path]) => path.endsWith(".html"));
		expect(pages.length).toBeGreaterThan(0);
		for (const [, page] of pages) expect(page).toContain("A starter template of Quayside, filled from a brief");
		expect(
			addFiles(
				new Map(),
				[...files].map(([path, text]) => ({ path, text })),
				{ mayWrite: [...files.keys()] },
			),
		).toMatchObject({ ok: true });
	});

	it("passes the tests it brings, with nothing installed", { timeout: 60_000 }, async () => {
		const folder = join(home, kind);
		await writeProduct(await makeProduct(brief), folder);
		const { stdout } = await execa(process.execPath, ["--test", "--test-reporter=tap"], {
			cwd: folder,
			env: { NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: "" },
		});
		expect(stdout).toMatch(/^# fail 0$/m);
		expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(2);
	});

	it("is the same for the same words, and follows a change of them", async () => {
		expect(compareFiles((await makeProduct(brief)).files, (await makeProduct(brief)).files).files).toEqual([]);
		const blue = compareFiles((await makeProduct(brief)).files, (await makeProduct(brief, "make the header pink")).files);
		expect(blue.files).toEqual([kind === "api" ? "page/styles.css" : "styles.css"]);
		expect(blue.diff).toContain("+\t--header: #db2777;");
		const named = await makeProduct(brief, "call it Renamed Thing");
		expect([...named.files].filter(([path]) => /index\.html$/.test(path)).every(([, text]) => text.includes("Renamed Thing"))).toBe(true);
	});

	it.each(hostile)("escapes what people wrote: %s", (text) => {
		const spec = specOf(brief);
		const sections = [...spec.sections, ...sectionKeys.map((key) => ({ key, title: text, lines: [text, `${text}: ${text}`] }))];
		const files = productOf({ ...spec, name: text, tagline: text, about: text, email: `${text}@example.com`, sections });
		const code = { script: files.get("script.js"), server: files.get("server.js") };
		const plain = sections.map((section) => ({ ...section, title: "Plain", lines: ["a", "a: b"] }));
		const clean = productOf({ ...spec, sections: plain, tagline: "a", about: "a", email: "a@example.com" });
		expect(code).toEqual({ script: clean.get("script.js"), server: clean.get("server.js") });
		for (const [path, page] of files) {
			if (!path.endsWith(".html")) continue;
			// Exactly the elements that the clean page has: nothing of what was written became one.
			expect([...page.matchAll(/<(script|img|iframe|svg|style|object)\b/g)].length).toBe(
				[...(clean.get(path) ?? page).matchAll(/<(script|img|iframe|svg|style|object)\b/g)].length,
			);
			expect(page.replace(/"[^"]*"/g, ""), "an attribute that runs something").not.toMatch(/<[^>]*\son\w+\s*=/i);
			expect(page).not.toMatch(/(?:href|src)="javascript:/i);
		}
	});
});

describe("the landing page", () => {
	it("has the three tasks and files of the demonstration (R139, R140)", async () => {
		const { plan, files } = await makeProduct("Create a simple landing page");
		expect(plan.tasks.map(({ name }) => name)).toEqual(["HTML structure", "CSS styles", "Form validation"]);
		for (const path of ["index.html", "styles.css", "script.js"]) expect(files.get(path)?.length).toBeGreaterThan(200);
	});

	it("shows prices and questions that the brief names, in its language", async () => {
		const { files } = await makeProduct(
			"Landingpage für die Bäckerei Krume mit Preisen: Brot 4,20 €, Brötchen 0,45 € und Fragen: Liefern Sie? Ja, Sonntags offen? Nein",
		);
		const page = files.get("index.html") ?? "";
		expect(page).toContain('<html lang="de">');
		expect(page).toContain("<span>Brot</span> <b>4,20 €</b>");
		expect(page).toMatch(/<summary>Liefern Sie\?<\/summary>\s*<p>Ja<\/p>/);
	});
});

describe("colours", () => {
	it("can be read on what they are painted, whatever somebody asks for", () => {
		for (const name of ["blue", "dark blue", "yellow", "white", "black", "grey", "pink", "#777777", "#f80", "beige"]) {
			const [{ hex } = { hex: "" }] = findColours(name);
			expect(contrast(inkOn(hex), hex)).toBeGreaterThanOrEqual(4.5);
			for (const background of ["#ffffff", "#12151a", hex])
				expect(contrast(readableOn(hex, background), background)).toBeGreaterThanOrEqual(4.5);
		}
	});
});

describe("files of a product", () => {
	it.each(["../x", "/etc/passwd", "a/../../b", ".git/config", "node_modules/a.js", ".env", "a\u0000b", "a b", "-rf", "a//b", "con/./x"])(
		"may not lie at %s",
		(path) => {
			expect(addFiles(new Map(), [{ path, text: "" }], { mayWrite: [path] })).toMatchObject({ ok: false });
		},
	);

	it("are those of their task, and bounded", () => {
		expect(addFiles(new Map(), [{ path: "other.html", text: "" }], { mayWrite: ["index.html"] })).toMatchObject({ ok: false });
		expect(addFiles(new Map(), [{ path: "a.txt", text: "x".repeat(600_000) }], { mayWrite: ["a.txt"] })).toMatchObject({ ok: false });
		const files = new Map<string, string>();
		expect(addFiles(files, [{ path: "a/b.txt", text: "1" }], { mayWrite: ["a/b.txt"] })).toMatchObject({ ok: true });
		expect([...files]).toEqual([["a/b.txt", "1"]]);
	});

	it("are compared as git would", () => {
		const before = new Map([
			["a.txt", "1\n2\n"],
			["gone.txt", "x\n"],
		]);
		const { diff, files, added, removed } = compareFiles(
			before,
			new Map([
				["a.txt", "1\n3\n"],
				["new.txt", "y\n"],
			]),
		);
		expect(files).toEqual(["a.txt", "gone.txt", "new.txt"]);
		expect([added, removed]).toEqual([2, 2]);
		expect(diff).toContain("--- a/a.txt");
		expect(diff).toContain("+++ /dev/null");
		expect(diff).toContain("--- /dev/null");
		expect(diff).toContain("-2\n+3\n");
	});
});
