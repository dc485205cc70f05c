import { randomBytes } from "node:crypto";
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAppError } from "#lib/errors.ts";
import { unpack } from "#server/source/unpack.ts";

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "quayside-unpack-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const limits = { maxPackedBytes: 1_000_000, maxBytes: 2_000_000, maxEntries: 50 };
type Part = Partial<Header> & { name: string; body?: string | Buffer };

async function tar(parts: readonly Part[]): Promise<Buffer> {
	const archive = pack();
	for (const { body = "", ...header } of parts) archive.entry(header, body as string);
	archive.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of archive) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(packed: Buffer, changes: Partial<typeof limits> = {}, signal = new AbortController().signal) {
	return unpack(inPieces(packed), join(root, "out"), { ...limits, ...changes }, signal);
}

/** What is said of an archive that is refused; nothing of it stays. */
async function refusal(packed: Buffer, changes: Partial<typeof limits> = {}) {
	const error = await unpacked(packed, changes).then(
		() => null,
		(thrown: unknown) => thrown,
	);
	expect(await readdir(root)).toEqual([]);
	if (!isAppError(error)) throw new Error(`expected a refusal, got ${error}`);
	return { code: error.code, message: error.message };
}

describe("a folder", () => {
	test("comes out with its files, programs, folders and inner links, and without .git", async () => {
		const packed = await tar([
			{ name: "./", type: "directory" },
			{ name: "./index.html", body: "<h1>Hi</h1>" },
			{ name: "bin/run", body: "#!/bin/sh\n", mode: 0o4755 },
			{ name: "empty/", type: "directory" },
			{ name: "bin/here", type: "symlink", linkname: "../index.html" },
			{ name: ".git/config", body: "[core]" },
			{ name: ".gitignore", body: "dist\n" },
			{ name: "große Übersicht (1).md", body: "x" },
			{ name: `${"long/".repeat(30)}file.txt`, body: "deep" },
		]);
		expect(await unpacked(gzipSync(packed))).toEqual({ files: 5, bytes: 31 });
		const out = join(root, "out");
		expect((await readdir(out)).sort()).toEqual([".gitignore", "bin", "empty", "große Übersicht (1).md", "index.html", "long"]);
		expect((await lstat(join(out, "bin/run"))).mode & 0o7777).toBe(0o755);
		expect((await lstat(join(out, "index.html"))).mode & 0o7777).toBe(0o644);
		expect(await readlink(join(out, "bin/here"))).toBe("../index.html");
		expect(await readFile(join(out, `${"long/".repeat(30)}file.txt`), "utf8")).toBe("deep");
		expect(await readdir(root)).toEqual(["out"]);
	});

	test("of many small files, and of a large one, comes out whole", async () => {
		const large = randomBytes(900_000);
		const small = Array.from({ length: 3000 }, (_, index) => ({ name: `src/${index}.txt`, body: `${index}` }));
		await unpacked(gzipSync(await tar([...small, { name: "large.bin", body: large }])), { maxEntries: 4000, maxBytes: 3_000_000 });
		expect((await readdir(join(root, "out/src"))).length).toBe(3000);
		expect((await readFile(join(root, "out/large.bin"))).equals(large)).toBe(true);
	});
});

describe("names and links that lead elsewhere", () => {
	test.each([
		["../evil", "leads out of the folder"],
		["a/../../evil", "leads out of the folder"],
		["/etc/passwd", "is an absolute path"],
		["a\\..\\evil", "backslash"],
		["line\nbreak", "characters in it"],
		[`${"a/".repeat(70)}x`, "too long"],
	])("%j is refused", async (name, why) => {
		expect(await refusal(gzipSync(await tar([{ name, body: "x" }])))).toMatchObject({
			code: "upload_invalid",
			message: expect.stringContaining(why),
		});
	});

	test.each(["/etc/passwd", "../../outside", "..", "sub/../../outside", "../a/b/../../../../etc", ""])(
		"a link to %j is refused",
		async (linkname) => {
			const packed = await tar([
				{ name: "file", body: "x" },
				{ name: "link", type: "symlink", linkname },
			]);
			expect(await refusal(gzipSync(packed))).toMatchObject({ code: "upload_invalid" });
		},
	);

	test("a file is never written through a link", async () => {
		const packed = await tar([
			{ name: "folder", type: "symlink", linkname: "." },
			{ name: "folder/file", body: "x" },
		]);
		expect(await refusal(gzipSync(packed))).toEqual({
			code: "upload_invalid",
			message: "The upload cannot be used. Two entries have the same name.",
		});
	});

	test("a link is never made through another one, which would make more of its “..” than its name shows", async () => {
		const links = [
			{ name: "a/up", linkname: ".." },
			{ name: "a/up/b/out", linkname: "../../.." },
			{ name: "b/out/elsewhere/link", linkname: "file" },
		];
		for (const order of [links, [...links].reverse()]) {
			const packed = await tar([{ name: "file", body: "x" }, ...order.map((link) => ({ ...link, type: "symlink" as const }))]);
			expect(await refusal(gzipSync(packed))).toMatchObject({
				code: "upload_invalid",
				message: expect.stringContaining("lies behind the link"),
			});
		}
	});

	test("two links of one name are refused", async () => {
		const link = { name: "link", type: "symlink", linkname: "file" } as const;
		const packed = await tar([{ name: "file", body: "x" }, link, link]);
		expect(await refusal(gzipSync(packed))).toMatchObject({ message: expect.stringContaining("the same name") });
	});

	test.each(["link", "fifo", "character-device", "block-device"] as const)("a %s is refused", async (type) => {
		const packed = await tar([
			{ name: "file", body: "x" },
			{ name: "odd", type, linkname: "file" },
		]);
		expect(await refusal(gzipSync(packed))).toMatchObject({ code: "upload_invalid", message: expect.stringContaining("“odd” is neither") });
	});

	test("two files of the same name are refused", async () => {
		const twice = [
			{ name: "a", body: "1" },
			{ name: "./a", body: "2" },
		];
		expect((await refusal(gzipSync(await tar(twice)))).code).toBe("upload_invalid");
	});
});

describe("limits", () => {
	test("what is sent", async () => {
		const packed = gzipSync(await tar([{ name: "noise", body: randomBytes(50_000) }]));
		expect(await refusal(packed, { maxPackedBytes: 20_000 })).toEqual({
			code: "too_large",
			message: "The packed folder is larger than the limit of 0 MB.",
		});
	});

	test("a small archive of large files", async () => {
		const packed = gzipSync(await tar([{ name: "zeros", body: Buffer.alloc(8_000_000) }]));
		expect(packed.length).toBeLessThan(10_000);
		expect((await refusal(packed)).code).toBe("too_large");
	});

	test("a small archive of nothing but zeros", async () => {
		expect((await refusal(gzipSync(Buffer.alloc(50_000_000)))).code).toMatch(/too_large|upload_invalid/);
	});

	test("the head of an entry that says it is long", async () => {
		const [header = Buffer.alloc(0)] = [await tar([{ name: "x", body: "x" }])];
		const long = Buffer.from(header.subarray(0, 512));
		long.write("x", 156);
		long.write("00037777777\0", 124);
		// The checksum of the changed header.
		long.fill(" ", 148, 156);
		long.write(
			`${long
				.reduce((sum, byte) => sum + byte, 0)
				.toString(8)
				.padStart(6, "0")}\0 `,
			148,
		);
		const packed = gzipSync(Buffer.concat([long, Buffer.alloc(8_000_000, "a")]));
		expect((await refusal(packed, { maxBytes: 100_000_000 })).message).toBe(
			"The upload cannot be used. It cannot be read (Header exceeds max size).",
		);
	});

	test("too many files", async () => {
		const parts = Array.from({ length: 60 }, (_, index) => ({ name: `${index}`, body: "" }));
		expect(await refusal(gzipSync(await tar(parts)))).toEqual({ code: "too_large", message: "The folder has more than 50 files." });
	});
});

describe("what is no folder", () => {
	test.each([
		["nothing", Buffer.alloc(0)],
		["a text", Buffer.from("hello, this is no archive")],
		["a packed text", gzipSync(Buffer.from("hello, this is no archive, ".repeat(100)))],
		["an archive without a file", gzipSync(Buffer.alloc(1024))],
	])("%s", async (_what, bytes) => {
		expect((await refusal(bytes)).code).toBe("upload_invalid");
	});

	test("an archive that breaks off", async () => {
		const whole = gzipSync(await tar([{ name: "noise", body: randomBytes(50_000) }]));
		expect((await refusal(whole.subarray(0, 30_000))).code).toBe("upload_invalid");
	});

	test("one that its sender gives up", async () => {
		const abort = new AbortController();
		const body = (async function* () {
			yield gzipSync(await tar([{ name: "noise", body: randomBytes(50_000) }])).subarray(0, 20_000);
			abort.abort();
			await new Promise(() => {});
		})();
		await expect(unpack(body, join(root, "out"), limits, abort.signal)).rejects.toMatchObject({ code: "cancelled" });
		expect(await readdir(root)).toEqual([]);
	});
});
