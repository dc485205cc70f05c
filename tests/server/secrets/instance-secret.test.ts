import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readInstanceSecret, verifyInstanceSecret } from "#server/secrets/instance-secret.ts";
import { Secret } from "#server/secrets/secret.ts";
import { weaknessOf } from "#server/secrets/strength.ts";

let home: string;
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "quayside-secret-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("the secret of an instance", () => {
	it("is made on the first start, readable by the owner only, and kept", async () => {
		const first = await readInstanceSecret({ fromEnv: null, home, required: false });
		expect(weaknessOf(first.reveal())).toBeNull();
		const [name] = await readdir(home);
		expect((await stat(join(home, name ?? ""))).mode & 0o777).toBe(0o600);
		const second = await readInstanceSecret({ fromEnv: null, home, required: false });
		expect(second.reveal()).toBe(first.reveal());
	});

	it("is one, when two starts make it at the same moment", async () => {
		const made = await Promise.all(Array.from({ length: 8 }, () => readInstanceSecret({ fromEnv: null, home, required: false })));
		expect(new Set(made.map((secret) => secret.reveal())).size).toBe(1);
		expect(await readdir(home)).toHaveLength(1);
	});

	it("is the given one, and is not written down", async () => {
		const given = new Secret("f4d1c8a97b3e60255c1b9d8e7f60a342");
		expect((await readInstanceSecret({ fromEnv: given, home, required: true })).reveal()).toBe(given.reveal());
		expect(await readdir(home)).toEqual([]);
	});

	it("must be given with a database of another machine", async () => {
		await expect(readInstanceSecret({ fromEnv: null, home, required: true })).rejects.toMatchObject({ code: "misconfigured" });
	});

	it("is refused when it is weak, without being repeated", async () => {
		const weak = new Secret("changeme-changeme-changeme-changeme");
		const error = await readInstanceSecret({ fromEnv: weak, home, required: false }).catch((thrown: Error) => thrown);
		expect(error).toMatchObject({ code: "misconfigured" });
		expect(String(error)).not.toContain("changeme");
	});

	it("is not replaced when its file is damaged", async () => {
		await readInstanceSecret({ fromEnv: null, home, required: false });
		const path = join(home, (await readdir(home))[0] ?? "");
		await writeFile(path, "");
		await expect(readInstanceSecret({ fromEnv: null, home, required: false })).rejects.toMatchObject({ code: "misconfigured" });
		expect(await readFile(path, "utf8")).toBe("");
	});

	it("is refused when the database belongs to another", async () => {
		let stored: string | null = null;
		const remember = async (value: string) => (stored ??= value);
		await verifyInstanceSecret("one", remember);
		await verifyInstanceSecret("one", remember);
		await expect(verifyInstanceSecret("two", remember)).rejects.toMatchObject({ code: "misconfigured" });
	});
});

describe("weak secrets", () => {
	it.each([
		"",
		"short",
		"a".repeat(64),
		"abcd".repeat(16),
		"changeme_changeme_changeme_changeme",
		"my-super-secret-password-for-quayside!!",
		"0123456789".repeat(4),
	])("refuses %j", (value) => {
		expect(weaknessOf(value)).toBeTypeOf("string");
	});

	it.each([
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"quayside-test-Zk3vQ9xL1mWn7TqRb5Yc2Hd8",
		"correct horse battery staple rising",
	])("accepts %j", (value) => {
		expect(weaknessOf(value)).toBeNull();
	});
});
