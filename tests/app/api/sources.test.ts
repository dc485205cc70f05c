import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "#lib/client/client.ts";
import type { AppError } from "#lib/errors.ts";
import { createDeployKeys } from "#server/projects/deploy-keys.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

const password = "correct horse battery";
const ssh = "git@git.example.com:acme/shop.git";

let database: TestApi["database"];
let server: TestApi["server"];
let stop: TestApi["stop"];
let admin: Client;
let member: Client;
beforeAll(async () => {
	({ database, server, stop, admin } = await startTestApi());
	await admin.accounts.createUser({ email: "bob@example.com", name: "Bob", password });
	const login = await fetch(`${server.origin}/api/auth/login`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: server.origin },
		body: JSON.stringify({ email: "bob@example.com", password }),
	});
	const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
	const made = await fetch(`${server.origin}/api/tokens`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: server.origin, cookie },
		body: JSON.stringify({ name: "bob" }),
	});
	member = createClient({ origin: server.origin, token: ((await made.json()) as { token: string }).token });
}, 60_000);
afterAll(() => stop());

async function packed(files: Readonly<Record<string, string | Buffer>>): Promise<Blob> {
	const archive = pack();
	for (const [name, body] of Object.entries(files)) archive.entry({ name }, body);
	archive.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of archive) chunks.push(chunk as Buffer);
	return new Blob([gzipSync(Buffer.concat(chunks))]);
}

describe("a project that is made ahead of its first deployment", () => {
	it("has a key for its repository, and its first deployment finds it again", async () => {
		const project = await member.projects.create({ source: { type: "git", url: ssh, ref: "main" }, name: "My Shop" });
		expect(project).toMatchObject({
			slug: "my-shop",
			name: "My Shop",
			releaseStatus: null,
			previewUrl: null,
			source: { type: "git", url: ssh },
		});
		expect(await member.projects.deployKey(project.slug)).toEqual({
			publicKey: expect.stringMatching(/^ssh-ed25519 [A-Za-z0-9+/]{60,}={0,2} quayside-my-shop$/),
			fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
			createdAt: expect.any(String),
			knownHosts: [],
		});
		const { deployment } = await member.deployments.create({ source: { type: "git", url: ssh, ref: "main" } });
		expect(deployment.project.id).toBe(project.id);
	});

	it("of an https repository has a key only after one was asked for; a new one takes its place", async () => {
		const { slug } = await member.projects.create({
			source: { type: "git", url: "https://git.example.com/acme/site", token: "ghp_TESTSECRET" },
		});
		expect((await member.projects.get(slug)).source.private).toBe(true);
		expect(await member.projects.deployKey(slug)).toBeNull();
		const first = await member.projects.makeDeployKey(slug);
		const second = await member.projects.makeDeployKey(slug);
		expect(second.publicKey).not.toBe(first.publicKey);
		expect(await member.projects.deployKey(slug)).toEqual(second);
	});

	it("keeps the host keys that were seen first until they are forgotten", async () => {
		const { id, slug } = await member.projects.create({ source: { type: "git", url: ssh }, name: "pinned" });
		const keys = createDeployKeys(database.db, createEncryption(new Secret("a secret of tests")));
		const host = (name: string, fingerprint: string) => ({ host: name, key: "ssh-ed25519 AAAA", fingerprint });
		await Promise.all([
			(await keys.access(id)).pin([host("git.example.com", "SHA256:first"), host("[10.0.0.1]:2222", "SHA256:other")]),
			(await keys.access(id)).pin([host("codeberg.org", "SHA256:third")]),
		]);
		await (await keys.access(id)).pin([host("git.example.com", "SHA256:later")]);
		const pinned = async () =>
			(await member.projects.deployKey(slug))?.knownHosts.map((known) => `${known.host} ${known.fingerprint}`).sort();
		expect(await pinned()).toEqual(["[10.0.0.1]:2222 SHA256:other", "codeberg.org SHA256:third", "git.example.com SHA256:first"]);
		await member.projects.forgetHost(slug, "[10.0.0.1]:2222");
		await member.projects.forgetHost(slug, "git.example.com");
		expect(await pinned()).toEqual(["codeberg.org SHA256:third"]);
		await expect(member.projects.forgetHost(slug, "git.example.com")).rejects.toMatchObject({ code: "not_found" });
	});

	it("keeps its private key encrypted, and nobody else sees or changes anything of it", async () => {
		const { id, slug } = await admin.projects.create({ source: { type: "git", url: ssh }, name: "hers" });
		const row = await database.db.selectFrom("projects").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
		expect(Buffer.from(row.deploy_key ?? []).toString("latin1")).not.toContain("PRIVATE KEY");
		const access = await createDeployKeys(database.db, createEncryption(new Secret("a secret of tests"))).access(id);
		expect(access.key?.privateKey.reveal()).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
		const attempts = [
			() => member.projects.deployKey(slug),
			() => member.projects.makeDeployKey(slug),
			() => member.projects.forgetHost(slug, "x"),
		];
		for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
	});

	it.each(["javascript:alert(1)", "file:///etc/passwd", "--upload-pack=id"])("is not made of %s", async (url) => {
		await expect(member.projects.create({ source: { type: "git", url } })).rejects.toMatchObject({ code: "invalid_url" });
	});
});

describe("a folder that is sent", () => {
	it("is deployed, and the next one of the same name goes to the same project", async () => {
		const upload = await member.uploads.create(await packed({ "index.html": "<h1>1</h1>" }), { name: "My site" });
		expect(upload).toMatchObject({ name: "My site", bytes: 10 });
		const { deployment } = await member.deployments.create({ source: { type: "upload", id: upload.id } });
		expect(deployment).toMatchObject({
			project: { slug: "my-site", name: "My site" },
			source: { type: "upload", url: "upload:My site", upload: upload.id },
		});
		const next = await member.uploads.create((await packed({ "index.html": "<h1>2</h1>" })).stream(), { name: "My site" });
		const second = await member.deployments.create({ source: { type: "upload", id: next.id } });
		expect(second.deployment).toMatchObject({ project: { slug: "my-site" }, number: 2, source: { upload: next.id } });
	});

	it("is its sender's alone", async () => {
		const { id } = await admin.uploads.create(await packed({ "index.html": "x" }), { name: "hers" });
		for (const stranger of [id, ulid()])
			await expect(member.deployments.create({ source: { type: "upload", id: stranger } })).rejects.toMatchObject({
				code: "upload_missing",
			});
	});

	it("that arrives slowly takes no place from other people's", async () => {
		const abort = new AbortController();
		const endless = () =>
			new ReadableStream<Uint8Array>(
				{ start: (begun) => begun.enqueue(gzipSync("")), pull: () => new Promise(() => {}) },
				{ highWaterMark: 0 },
			);
		// One that comes while `more` has a place is refused, and tries again.
		const slow = ["one", "two"].map(async (name) => {
			while (!abort.signal.aborted) await admin.uploads.create(endless(), { name, signal: abort.signal }).catch(() => {});
			return "given up";
		});
		const more = async () => admin.uploads.create(await packed({ a: "x" }), { name: "three" });
		await expect.poll(() => more().catch(({ code }: AppError) => code), { timeout: 10_000 }).toBe("rate_limited");
		expect(await member.uploads.create(await packed({ a: "x" }), { name: "bobs" })).toMatchObject({ name: "bobs" });
		abort.abort();
		expect(await Promise.all(slow)).toEqual(["given up", "given up"]);
		await expect.poll(more, { timeout: 10_000 }).toMatchObject({ name: "three" });
	});

	it("is refused when it is too large or no folder, and the server says why", async () => {
		const noise = await packed({ "noise.bin": randomBytes(200_000) });
		await expect(member.uploads.create(noise, { name: "large" })).rejects.toMatchObject({ code: "too_large" });
		await expect(member.uploads.create(new Blob(["hello"]), { name: "text" })).rejects.toMatchObject({ code: "upload_invalid" });
		await expect(member.uploads.create(new Blob([]), { name: "empty" })).rejects.toMatchObject({ code: "upload_invalid" });
	});

	it.each(["", "a/b", "..\\x", "line\nbreak", "x".repeat(101)])("is not called %j", async (name) => {
		await expect(member.uploads.create(await packed({ a: "x" }), { name })).rejects.toMatchObject({ code: "bad_request" });
	});
});
