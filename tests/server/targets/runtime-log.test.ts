import { appendFile, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRotatingLog } from "#server/targets/local/rotating-log.ts";
import { readRuntimeLog } from "#server/targets/local/runtime-log.ts";

let folder: string;
let path: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "qs-log-"));
	path = join(folder, "log");
});
afterEach(() => rm(folder, { recursive: true }));

const numbered = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}\n`).join("");

test("the newest lines, and then only what comes, whole lines at a time", async () => {
	expect(await readRuntimeLog(path, { lines: 10 })).toEqual({ text: "", cursor: "0.0", reset: false });
	await writeFile(path, numbered(1, 100));
	const first = await readRuntimeLog(path, { lines: 3 });
	expect(first).toMatchObject({ text: "line 98\nline 99\nline 100\n", reset: false });
	expect(await readRuntimeLog(path, { lines: 3, after: "0.0" })).toMatchObject({ text: numbered(1, 3), reset: false });
	expect(await readRuntimeLog(path, { lines: 3, after: first.cursor })).toEqual({ ...first, text: "" });
	await appendFile(path, "line 101\nhalf of li");
	const second = await readRuntimeLog(path, { lines: 3, after: first.cursor });
	expect(second.text).toBe("line 101\n");
	await appendFile(path, "ne 102\n");
	expect((await readRuntimeLog(path, { lines: 3, after: second.cursor })).text).toBe("half of line 102\n");
});

test("a line that stays without an end is shown", async () => {
	await writeFile(path, "Password: ");
	const quiet = await readRuntimeLog(path, { lines: 3 });
	expect(quiet.text).toBe("");
	const earlier = new Date(Date.now() - 5_000);
	await utimes(path, earlier, earlier);
	const shown = await readRuntimeLog(path, { lines: 3, after: quiet.cursor });
	expect(shown.text).toBe("Password: ");
	await appendFile(path, "wrong\n");
	expect((await readRuntimeLog(path, { lines: 3, after: shown.cursor })).text).toBe("wrong\n");
});

test("a reader loses nothing over a rotation, and is told when it was away for two", async () => {
	const log = await openRotatingLog(path, 1_000);
	await log.append(numbered(1, 50));
	const before = await readRuntimeLog(path, { lines: 1 });
	await log.append(numbered(51, 120));
	await log.append(numbered(121, 125));
	const after = await readRuntimeLog(path, { lines: 500, after: before.cursor });
	expect(after).toMatchObject({ text: numbered(51, 125), reset: false });
	for (let round = 0; round < 3; round++) await log.append(`${"x".repeat(999)}\n`);
	expect(await readRuntimeLog(path, { lines: 1, after: before.cursor })).toMatchObject({ text: `${"x".repeat(999)}\n`, reset: true });
	await log.close();
});

test("a search looks at the whole log, whatever the case and the colours", async () => {
	const log = await openRotatingLog(path, 10_000);
	await log.append(`${numbered(1, 700)}An \u001b[31mErr\u001b[0mor happened\n${numbered(701, 1_400)}another error\n`);
	await log.append(numbered(1_401, 1_500));
	const found = await readRuntimeLog(path, { lines: 10, search: "ERROR" });
	expect(found.text).toBe("An \u001b[31mErr\u001b[0mor happened\nanother error\n");
	await log.append("quiet\nthe last error\n");
	expect((await readRuntimeLog(path, { lines: 10, search: "error", after: found.cursor })).text).toBe("the last error\n");
	await log.close();
});

test("a page stays bounded: endless lines are cut, and what is more than a page comes with the next", async () => {
	await writeFile(path, `${"a".repeat(3_000_000)}\nshort\n`);
	const page = await readRuntimeLog(path, { lines: 5_000 });
	expect(page.text).toBe("short\n");
	const cut = await readRuntimeLog(path, { lines: 1, after: "0.0" });
	expect(cut.text).toBe(`${"a".repeat(8 * 1024)}…\n`);
	expect((await readRuntimeLog(path, { lines: 5, after: cut.cursor })).text).toBe("short\n");
	await writeFile(path, `${"b".repeat(999)}\n`.repeat(4_000));
	let { cursor, text } = await readRuntimeLog(path, { lines: 5_000, after: "0.0" });
	let lines = 0;
	while (text !== "") {
		expect(text.length).toBeLessThan(1.1 * 1024 * 1024);
		lines += text.split("\n").length - 1;
		({ cursor, text } = await readRuntimeLog(path, { lines: 5_000, after: cursor }));
	}
	expect(lines).toBe(4_000);
});
