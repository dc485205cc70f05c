import { createHash, randomUUID } from "node:crypto";
import { lookup } from "node:dns/promises";
import { mkdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clone } from "#server/source/clone.ts";
import { lfsPointers } from "#server/source/lfs.ts";
import { openWorkspace } from "#server/source/workspace.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { listen, noSsh, openScratch, type Scratch } from "#tests/support/scratch.ts";

const content = "the picture itself\n".repeat(500);
const oid = createHash("sha256").update(content).digest("hex");
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;

const program = await execa("git-lfs", ["version"]).then(
	() => null,
	() => "git-lfs is not installed",
);
/** git-lfs goes past every proxy to a loopback address, so that the test needs a name for it. */
const name = await lookup(hostname()).then(
	({ address }) => (address.startsWith("127.") ? null : "this machine's name is not a loopback address"),
	() => "this machine's name has no address",
);

let scratch: Scratch;
let git: GitServer;
let away = false;
beforeAll(async () => {
	[scratch, git] = await Promise.all([openScratch(), startGitServer({ intercept: lfsServer })]);
	await git.add("site", { ".gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n", "picture.png": pointer, "index.html": "x" });
});
afterAll(async () => {
	await git.stop();
	await scratch.stop();
});

/** What git-lfs asks: where objects are, and then for them. */
function lfsServer(request: IncomingMessage, response: ServerResponse): boolean {
	if (request.url === `/objects/${oid}`) return response.end(content) !== undefined;
	if (!request.url?.endsWith("/info/lfs/objects/batch")) return false;
	if (away) return response.writeHead(404).end("{}") !== undefined;
	const href = `http://${request.headers.host}/objects/${oid}`;
	response.setHeader("content-type", "application/vnd.git-lfs+json");
	response.end(
		JSON.stringify({ transfer: "basic", objects: [{ oid, size: content.length, authenticated: true, actions: { download: { href } } }] }),
	);
	request.resume();
	return true;
}

async function cloned(repository = "site") {
	const into = join(scratch.dir, randomUUID(), "source");
	await mkdir(join(into, ".."));
	const outcome = await clone(
		{
			url: `http://${hostname()}:${git.port}/${repository}.git`,
			ref: null,
			directory: null,
			token: null,
			ssh: noSsh,
			into,
			mark: randomUUID(),
			limits: { maxMb: 50, maxFiles: 1000, timeoutMs: 30_000 },
			allowPrivate: true,
			signal: new AbortController().signal,
		},
		{ sandbox: scratch.sandbox, reporter: listen() },
	);
	return { outcome, into };
}

describe.skipIf(program ?? name)(`files that Git LFS keeps${(program ?? name) ? ` (${program ?? name})` : ""}`, () => {
	it("are fetched with the clone", async () => {
		const { outcome, into } = await cloned();
		expect(outcome).toMatchObject({ ok: true });
		expect(await readFile(join(into, "picture.png"), "utf8")).toBe(content);
		expect(await lfsPointers(await openWorkspace(into, null), AbortSignal.timeout(5000))).toEqual([]);
	});

	it("that are larger than the limit are not fetched", async () => {
		const huge = pointer.replace(/size \d+/, "size 90000000");
		await git.add("huge", { ".gitattributes": "*.png filter=lfs\n", "picture.png": huge });
		const { outcome } = await cloned("huge");
		expect(outcome).toMatchObject({
			ok: false,
			failure: { code: "repository_too_large", message: "The files that Git LFS keeps take 90 MB; the limit is 50 MB." },
		});
	});

	it("that are not there fail the clone", async () => {
		away = true;
		expect((await cloned()).outcome).toMatchObject({ ok: false });
	});
});

it("pointers that stay are found", async () => {
	const root = join(scratch.dir, "pointers");
	await git.add("plain", { "a/b.png": pointer, "c.txt": `${"x".repeat(120)}\n`, "d.txt": "short" });
	await execa("git", ["clone", "--quiet", git.bare("plain"), root]);
	expect(await lfsPointers(await openWorkspace(root, null), AbortSignal.timeout(5000))).toEqual(["a/b.png"]);
});
