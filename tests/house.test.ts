import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentStatuses, deploymentStatuses, releaseStatuses, stageStatuses, stages } from "#lib/protocol/index.ts";
import { missingOptional } from "../scripts/complete-lock.mjs";
import { sourceFiles } from "../scripts/source-files.mjs";

const files: string[] = await sourceFiles();
/** What people run; `app/dev` is a gallery that production answers with 404. */
const product = files.filter((path) => /^(lib|server|app|components|bin)\/.*\.(ts|tsx|js|mjs)$/.test(path) && !path.startsWith("app/dev/"));
const manifest = JSON.parse(await readFile("package.json", "utf8"));
const lock = JSON.parse(await readFile("package-lock.json", "utf8"));

/** `path:line  text` of every line of the product's code, comments aside, that matches. */
async function linesMatching(pattern: RegExp, paths = product): Promise<string[]> {
	const found: string[] = [];
	for (const path of paths) {
		const lines = (await readFile(path, "utf8")).split("\n");
		lines.forEach((line, index) => {
			if (pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)) found.push(`${path}:${index + 1}  ${line.trim()}`);
		});
	}
	return found;
}

describe("the given shape (R289, R235)", () => {
	it.each(["app", "components", "components/ui", "lib", "server", "public", "tests", "next.config.js", "package.json", "tsconfig.json"])(
		"has %s",
		(path) => {
			expect(existsSync(path)).toBe(true);
		},
	);

	it.each(["next", "react", "ws", "swr", "zod", "@tanstack/react-query", "tailwindcss", "playwright"])("uses %s", async (name) => {
		expect({ ...manifest.dependencies, ...manifest.devDependencies }).toHaveProperty([name]);
		const used = new RegExp(`(from|import|require\\(|@import)\\s*\\(?["']${name.replace("playwright", "@?playwright")}(/[^"']*)?["']`);
		const candidates = files.filter((path) => /\.(ts|tsx|js|mjs|css)$/.test(path) && !path.startsWith("tests/fixtures/"));
		expect(await linesMatching(used, candidates)).not.toEqual([]);
	});
});

describe("dependencies", () => {
	it("has ws at 8.17.1 or newer, everywhere (R251)", () => {
		const versions = Object.entries<{ version: string }>(lock.packages)
			.filter(([place]) => /(^|\/)node_modules\/ws$/.test(place))
			.map(([, { version }]) => version.split(".").map(Number));
		expect(versions).not.toEqual([]);
		for (const [major = 0, minor = 0, patch = 0] of versions) {
			expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(8_017_001);
		}
	});

	it("are pinned exactly", () => {
		for (const version of Object.values<string>({ ...manifest.dependencies, ...manifest.devDependencies })) {
			expect(version).toMatch(/^\d+\.\d+\.\d+/);
		}
	});

	it("are locked for every platform, so that npm ci accepts the lock anywhere", () => {
		expect(missingOptional(lock)).toEqual([]);
	});

	it("are locked without naming a registry", () => {
		const withHost = Object.entries<{ resolved?: string }>(lock.packages).filter(([, { resolved }]) => resolved?.includes("://"));
		expect(withHost).toEqual([]);
	});
});

describe("the code (R22, R280, R281, R282)", () => {
	it("has no unfinished files", () => {
		expect(files.filter((path) => path.includes("_WIP_"))).toEqual([]);
	});

	it("writes to no console, and names no port of its own", async () => {
		expect(
			await linesMatching(
				/\bconsole\.(log|error|warn|info|debug)\b/,
				product.filter((path) => !path.startsWith("bin/")),
			),
		).toEqual([]);
		expect(
			await linesMatching(
				/localhost:\d{2,}/,
				product.filter((path) => path !== "server/env.ts"),
			),
		).toEqual([]);
	});

	it("switches the type checker off nowhere", async () => {
		expect(await linesMatching(/@ts-ignore|@ts-nocheck|\bas any\b|: any\b/)).toEqual([]);
	});

	it("lists statuses and stages in lib/protocol alone", async () => {
		const copies: string[] = [];
		for (const words of [deploymentStatuses, stageStatuses, agentStatuses, releaseStatuses, stages]) {
			const literal = `"(${words.join("|")})"`;
			const copy = new RegExp(Array(4).fill(literal).join("\\s*[,|]\\s*"));
			for (const path of product.filter((path) => !path.startsWith("lib/protocol/"))) {
				const found = copy.exec(await readFile(path, "utf8"));
				if (found) copies.push(`${path}: ${found[0]}`);
			}
		}
		expect(copies).toEqual([]);
	});

	it("has no file over 400 lines", async () => {
		const long: string[] = [];
		for (const path of product) if ((await readFile(path, "utf8")).split("\n").length > 401) long.push(path);
		expect(long).toEqual([]);
	});
});

describe("the README (R274)", () => {
	it("names commands that exist", async () => {
		const readme = await readFile("README.md", "utf8");
		const commands = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
		expect(commands).toEqual(expect.arrayContaining(["quickstart", "verify"]));
		for (const name of commands) expect(manifest.scripts).toHaveProperty([String(name)]);
	});

	it("lists every setting, as .env.example does", async () => {
		const settings = new Set((await readFile("server/env.ts", "utf8")).match(/\b(QUAYSIDE_[A-Z_]+|PREVIEW_DOMAIN|DATABASE_URL)\b/g));
		for (const document of ["README.md", ".env.example"]) {
			const text = await readFile(document, "utf8");
			expect([...settings].filter((name) => !text.includes(name))).toEqual([]);
		}
	});
});

it("links in the documents lead to files and headings that are there (R271)", async () => {
	const documents = files.filter((path) => path.endsWith(".md") && !path.startsWith("tests/fixtures/"));
	expect(documents.length).toBeGreaterThan(50);
	const broken: string[] = [];
	for (const path of documents) {
		const text = (await readFile(path, "utf8")).replace(/```[\s\S]*?```|`[^`\n]*`/g, "");
		for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
			if (/^[a-z]+:/.test(target)) continue;
			const [file = "", heading] = target.split("#");
			const place = file === "" ? path : join(dirname(path), file);
			const there = existsSync(place) && (heading === undefined || (await headingsOf(place)).includes(heading));
			if (!there) broken.push(`${path}: ${target}`);
		}
	}
	expect(broken).toEqual([]);
});

/** As GitHub names them. */
async function headingsOf(path: string): Promise<string[]> {
	return [...(await readFile(path, "utf8")).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, "")
			.replaceAll(" ", "-"),
	);
}

it("never waits for the disk or a process on the event loop (R37)", async () => {
	// What runs inside the sandbox has no other work to hold up.
	const server = product.filter((path) => path.startsWith("server/") && !path.startsWith("server/exec/inside/"));
	const found = await linesMatching(/\b(?!hkdfSync)\w+Sync\(/, server);
	expect(found).toEqual([]);
});
