import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#server/secrets/secret.ts";
import { clone } from "#server/source/clone.ts";
import type { CloneRequest } from "#server/source/clone-request.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { listen, noSsh, openScratch, type Scratch } from "#tests/support/scratch.ts";

/** A commit that no repository has. */
const nowhere = `${"0".repeat(39)}1`;
const token = "TESTSECRET-submodule-token";
let scratch: Scratch;
let own: GitServer;
let foreign: GitServer;
/** Who was asked with which credentials, by the foreign server. */
const asked: (string | undefined)[] = [];
beforeAll(async () => {
	[scratch, own, foreign] = await Promise.all([
		openScratch(),
		startGitServer({ token }),
		startGitServer({ intercept: ({ headers }) => asked.push(headers.authorization) < 0 }),
	]);
});
afterAll(async () => {
	await own.stop();
	await foreign.stop();
	await scratch.stop();
});

async function cloned(name: string, changes: Partial<CloneRequest> = {}) {
	const folder = join(scratch.dir, randomUUID());
	await mkdir(folder);
	const heard = listen();
	const request: CloneRequest = {
		url: own.url(name),
		ref: null,
		directory: null,
		token: new Secret(token),
		ssh: noSsh,
		into: join(folder, "source"),
		mark: randomUUID(),
		limits: { maxMb: 50, maxFiles: 1000, timeoutMs: 30_000 },
		allowPrivate: true,
		signal: new AbortController().signal,
		...changes,
	};
	const outcome = await clone(request, { sandbox: scratch.sandbox, reporter: heard });
	return { outcome, heard, into: request.into, left: await readdir(folder) };
}

/** A repository of this name on our server, with submodules. */
async function repository(name: string, submodules: readonly [path: string, url: string | null, commit: string][]) {
	await own.add(name, { "index.html": name });
	for (const [path, url, commit] of submodules) await own.link(name, path, { url, commit });
}

describe("submodules", () => {
	it("are fetched at their commits, theirs too, from the same server with its token and from another one without", async () => {
		const inner = await own.add("inner", { "inner.txt": "inner" });
		await own.add("lib", { "lib.txt": "lib" });
		const lib = await own.link("lib", "deep/inner", { url: "../inner.git", commit: inner });
		await own.commit("lib", { "later.txt": "later" });
		const theme = await foreign.add("theme", { "theme.css": "a{}" });
		await repository("site", [
			["vendor/lib", "../lib.git", lib],
			["themes/main", foreign.url("theme"), theme],
		]);
		const { outcome, into, heard } = await cloned("site");
		expect(outcome).toMatchObject({ ok: true });
		const files = (await readdir(into, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
		expect(files.map((entry) => join(entry.parentPath, entry.name).slice(into.length + 1)).sort()).toEqual([
			".gitmodules",
			"index.html",
			"themes/main/theme.css",
			"vendor/lib/.gitmodules",
			"vendor/lib/deep/inner/inner.txt",
			"vendor/lib/lib.txt",
		]);
		expect(await readFile(join(into, "vendor/lib/deep/inner/inner.txt"), "utf8")).toBe("inner");
		expect(heard.sentences).toContain("Fetching the submodule vendor/lib from 127.0.0.1");
		expect(asked.length).toBeGreaterThan(0);
		expect(asked.filter((authorization) => authorization !== undefined)).toEqual([]);
	});

	it.each([
		["a private address", "http://10.0.0.1/secret.git"],
		["the metadata address", "http://169.254.169.254/latest"],
	])("at %s are refused", async (_what, url) => {
		await repository(`to-${new URL(url).hostname}`, [["lib", url, nowhere]]);
		const { outcome, left } = await cloned(`to-${new URL(url).hostname}`, { allowPrivate: false, privateHosts: ["127.0.0.1"] });
		expect(outcome).toMatchObject({
			ok: false,
			failure: {
				code: "private_address",
				message: expect.stringMatching(/^The submodule “lib” could not be fetched\. .+ leads to a private network/),
			},
		});
		expect(left).toEqual([]);
	});

	it.each(["file:///etc", "git://127.0.0.1/x", "--upload-pack=id"])("at %s are refused", async (url) => {
		const name = `bad-${randomUUID()}`;
		await repository(name, [["lib", url, nowhere]]);
		expect((await cloned(name)).outcome).toMatchObject({
			ok: false,
			failure: { code: "invalid_url", message: expect.stringMatching(/“lib”|refuses/) },
		});
	});

	it("that do not exist fail by their name", async () => {
		await repository("broken", [["vendor/gone", "../gone.git", nowhere]]);
		expect((await cloned("broken")).outcome).toMatchObject({
			ok: false,
			failure: { code: "repository_not_found", message: expect.stringContaining("“vendor/gone”") },
		});
	});

	it("without an address stay empty, which is said", async () => {
		await repository("nameless", [["lib", null, nowhere]]);
		const { outcome, heard } = await cloned("nameless");
		expect(outcome.ok).toBe(true);
		expect(heard.log).toContain("lib is a submodule, but .gitmodules has no address for it");
	});

	it("share the limits of the clone", async () => {
		const large = await own.add("large", { "noise.bin": randomBytes(2_000_000).toString("latin1") });
		await repository("fat", [["lib", "../large.git", large]]);
		expect((await cloned("fat", { limits: { maxMb: 2, maxFiles: 100, timeoutMs: 30_000 } })).outcome).toMatchObject({
			ok: false,
			failure: { code: "repository_too_large" },
		});
	});

	it("that contain each other end", async () => {
		const first = await own.add("ring", { "ring.txt": "0" });
		const second = await own.link("ring", "again", { url: "../ring.git", commit: first });
		let commit = second;
		for (let turn = 0; turn < 4; turn++) {
			await own.commit("ring", { "ring.txt": `${turn}` });
			commit = await own.link("ring", `again${turn}`, { url: "../ring.git", commit });
		}
		expect((await cloned("ring")).outcome).toMatchObject({
			ok: false,
			failure: { code: "repository_too_large", message: expect.stringContaining("deep") },
		});
	});
});
