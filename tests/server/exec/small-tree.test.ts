import { link, lstat, lutimes, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copySmallTree, ownSmallTree } from "#server/exec/small-tree.ts";
import { copyTree } from "#server/exec/tree-files.ts";

const root = process.getuid?.() === 0;
const owner = root ? { uid: 61_184, gid: 61_184 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "quayside-tree-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function tree(name: string): Promise<string> {
	const from = join(folder, name);
	await mkdir(join(from, "src", "deep"), { recursive: true });
	await mkdir(join(from, "closed"), { mode: 0o500 });
	await writeFile(join(from, "src", "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
	await writeFile(join(from, "src", "deep", ".hidden"), "hidden");
	await symlink("../nowhere", join(from, "src", "dangling"));
	await symlink("/etc", join(from, "outside"));
	for (const path of ["src/run.sh", "src/dangling", "src"]) await lutimes(join(from, path), 1_000_000_000, 1_000_000_000);
	return from;
}

const paths = ["", "src", "src/deep", "closed", "src/run.sh", "src/deep/.hidden", "src/dangling", "outside"];
const look = (at: string) =>
	Promise.all(
		paths.map(async (path) => {
			const { mode, uid, gid, size, mtimeMs, nlink } = await lstat(join(at, path));
			return { path, mode, uid, gid, changedAt: Math.round(mtimeMs), ...(path.startsWith("src/") ? { size, nlink } : {}) };
		}),
	);

test("a small folder is copied as `cp -a` does, with owners, modes, times and links", async () => {
	const from = await tree("small");
	expect(await ownSmallTree(join(from, "src"), owner)).toBe(true);
	const to = join(folder, "small-copy");
	expect(await copySmallTree(from, to)).toBe(true);
	expect(await look(to)).toEqual(await look(from));
	expect(await readFile(join(to, "src/deep/.hidden"), "utf8")).toBe("hidden");
	expect(await readlink(join(to, "outside"))).toBe("/etc");
});

test("what is large or has a second name is left to the program, which makes the same of it", async () => {
	const from = await tree("large");
	await link(join(from, "src/run.sh"), join(from, "src/again.sh"));
	expect(await copySmallTree(from, join(folder, "none"))).toBe(false);
	await rm(join(from, "src/again.sh"));
	for (let n = 0; n < 200; n++) await writeFile(join(from, "src/deep", `${n}`), "");
	expect(await copySmallTree(from, join(folder, "none"))).toBe(false);
	expect(await ownSmallTree(from, owner)).toBe(false);
	await expect(lstat(join(folder, "none"))).rejects.toThrow("ENOENT");
	await copyTree(from, join(folder, "large-copy"), new AbortController().signal);
	expect(await look(join(folder, "large-copy"))).toEqual(await look(from));
});

test.runIf(root)("a folder is given away with its links, and not with what they lead to", async () => {
	const from = await tree("given");
	const other = join(folder, "other");
	await writeFile(other, "");
	await symlink(other, join(from, "link"));
	expect(await ownSmallTree(from, owner)).toBe(true);
	for (const path of [...paths, "link"]) expect(await lstat(join(from, path))).toMatchObject(owner);
	expect(await lstat(other)).toMatchObject({ uid: 0 });
	expect(await lstat("/etc")).toMatchObject({ uid: 0 });
});
