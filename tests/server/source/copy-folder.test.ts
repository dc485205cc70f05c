import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyFolder } from "#server/source/copy-folder.ts";

let root: string;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "quayside-copy-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
async function commitOf(files: Readonly<Record<string, string>>): Promise<string> {
	const from = join(root, String(++folders));
	await mkdir(from);
	for (const [name, text] of Object.entries(files)) await writeFile(join(from, name), text, { mode: 0o644 });
	const { signal } = new AbortController();
	const copied = await copyFolder({ from, directory: null, into: `${from}-copy`, mark: "1", subject: "", signal });
	if (!copied.ok) throw new Error(copied.failure.code);
	return copied.value.commit;
}

test("a folder's commit is the same for the same files, and another one for others, whatever is written in them", async () => {
	const two = { a: "x", b: "y" };
	expect(await commitOf(two)).toBe(await commitOf(two));
	expect(await commitOf({ a: "x/b\x00100644\x00y" })).not.toBe(await commitOf(two));
	expect(await commitOf({ a: "y", b: "x" })).not.toBe(await commitOf(two));
});
