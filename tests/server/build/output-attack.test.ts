import { lstat, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyTree } from "#server/targets/local/copy-tree.ts";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

const attack = await readFile(fileURLToPath(new URL("../../fixtures/attacks/output/attack.mjs", import.meta.url)), "utf8");

/** Everything below a folder that is not a plain file or folder of it, and the texts of the plain files. */
async function lookInto(root: string): Promise<{ odd: string[]; texts: string[] }> {
	const real = await realpath(root);
	const found = { odd: [] as string[], texts: [] as string[] };
	for (const entry of await readdir(real, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		const leadsTo = await realpath(path).catch(() => null);
		// A name that is not UTF-8 cannot be asked for.
		if (leadsTo === null && (await lstat(path).catch(() => null)) === null) continue;
		if (leadsTo === null || !`${leadsTo}${sep}`.startsWith(`${real}${sep}`)) found.odd.push(entry.name);
		else if (entry.isFile()) found.texts.push(await readFile(path, "utf8"));
		else if (!entry.isDirectory() && !entry.isSymbolicLink()) found.odd.push(entry.name);
	}
	return found;
}

test.each([[null], [["true"]]])("what a build leaves in its output folder leads nowhere (with tests: %j)", async (tests) => {
	const secret = join(builds.dir, "home", "secret");
	await writeFile(secret, "the platform's");
	const targets = [secret, join(builds.dir, "home"), "/etc/passwd", "/root", "/proc/self/environ"];
	const files = { "attack.mjs": attack, "targets.json": JSON.stringify(targets) };
	const built = await builds.files(files, { kind: "static", build: ["node", "attack.mjs"], output: "dist", test: tests });
	expect(built.heard.log).toContain("left everything");
	expect(built.outcome).toMatchObject({ ok: true });
	const site = await lookInto(join(built.outDir, "site"));
	expect(site.odd).toEqual([]);
	expect(site.texts).toContain("<h1>site</h1>");
	expect(site.texts.join("\n")).not.toMatch(/the platform's|root:x:/);

	const to = `${built.outDir}-released`;
	await copyTree({ from: join(built.outDir, "site"), to, how: "link", symlinks: "resolve", signal: new AbortController().signal });
	const released = await lookInto(to);
	expect(released.odd).toEqual([]);
	expect(released.texts).toContain("<h1>site</h1>");
	expect(await readFile(secret, "utf8")).toBe("the platform's");
});

test("the same in the folder of an app: links stay links, and pipes, sockets and odd names do no harm", async () => {
	const files = { "attack.mjs": attack, "targets.json": JSON.stringify([join(builds.dir, "home")]), "server.js": "" };
	const built = await builds.files(files, { kind: "process", build: ["node", "attack.mjs"], start: ["node", "server.js"] });
	expect(built.outcome).toMatchObject({ ok: true });
	const to = `${built.outDir}-released`;
	const copied = await copyTree({
		from: join(built.outDir, "app"),
		to,
		how: "copy",
		symlinks: "keep",
		signal: new AbortController().signal,
	});
	expect(copied.files).toBeGreaterThan(3);
	expect((await lstat(join(to, "dist/link-0"))).isSymbolicLink()).toBe(true);
	await expect(lstat(join(to, "dist/pipe"))).rejects.toMatchObject({ code: "ENOENT" });
});
