import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from "vitest";
import { branchSchema } from "#lib/protocol/index.ts";
import type { Sandbox, SandboxRun } from "#server/exec/sandbox.ts";
import { Secret } from "#server/secrets/secret.ts";
import { makeSshKey } from "#server/secrets/ssh-key.ts";
import { tipProgram } from "#server/source/git-environment.ts";
import type { HostKey } from "#server/source/known-hosts.ts";
import { type PushRequest, push } from "#server/source/push.ts";
import { type GitServer, type GitServerOptions, startGitServer } from "#tests/support/git-server.ts";
import { noSsh, openScratch, type Scratch } from "#tests/support/scratch.ts";
import { sshProblem, startSshServer } from "#tests/support/ssh-server.ts";

let scratch: Scratch;
let server: GitServer;
beforeAll(async () => {
	[scratch, server] = await Promise.all([openScratch(), startGitServer()]);
});
afterAll(async () => {
	await server?.stop();
	await scratch?.stop();
});

/** An empty repository that takes pushes. */
async function emptyRepository(on = server, name: string = randomUUID()): Promise<string> {
	await on.addEmpty(name);
	await on.allowPush(name);
	return name;
}

const site = { "index.html": "<h1>Sunrise</h1>\n", ".gitignore": "*.html\n", "docs/a.md": "one\r\ntwo\r\n" };
const identity = { ...process.env, GIT_AUTHOR_NAME: "x", GIT_AUTHOR_EMAIL: "x@y", GIT_COMMITTER_NAME: "x", GIT_COMMITTER_EMAIL: "x@y" };
const sign = (tree: string, parent: string) => `signed-${tree}-${parent}`;

async function pushed(
	name: string,
	files: Readonly<Record<string, string>>,
	changes: Partial<PushRequest> = {},
	sandbox: Sandbox = scratch.sandbox,
) {
	const root = join(scratch.dir, "pushes");
	const outcome = await push(
		{
			url: server.url(name),
			branch: "main",
			files: new Map(Object.entries(files)),
			message: "Make the header blue\n\nIt was red; $(touch /tmp/x) `id`",
			sign,
			token: null,
			ssh: noSsh,
			mark: randomUUID(),
			folder: `${root}-${randomUUID()}`,
			allowPrivate: true,
			timeoutMs: 30_000,
			signal: new AbortController().signal,
			...changes,
		},
		sandbox,
	);
	expect((await readdir(scratch.dir)).filter((entry) => entry.startsWith("pushes"))).toEqual([]);
	return outcome;
}

async function inspect(name: string, ...args: string[]): Promise<string> {
	return (await execa("git", ["--git-dir", server.bare(name), ...args])).stdout;
}

async function serverWith(options: GitServerOptions): Promise<GitServer> {
	const own = await startGitServer(options);
	onTestFinished(() => own.stop());
	return own;
}

describe("a push", { timeout: 120_000 }, () => {
	it("makes the branch of an empty repository, with exactly these files and one commit", async () => {
		const name = await emptyRepository();
		const outcome = await pushed(name, site);
		expect(outcome).toMatchObject({ ok: true, value: { commit: await inspect(name, "rev-parse", "main"), unchanged: false } });
		expect((await inspect(name, "ls-tree", "-r", "--name-only", "main")).split("\n")).toEqual(Object.keys(site).sort());
		expect(await inspect(name, "show", "main:docs/a.md")).toBe("one\r\ntwo");
		const [subject, author, body] = (await inspect(name, "log", "-1", "--format=%s%x00%an <%ae>%x00%b", "main")).split("\0");
		expect([subject, author]).toEqual(["Make the header blue", "Quayside <quayside@localhost>"]);
		expect(body).toContain("$(touch /tmp/x) `id`");
		expect(await inspect(name, "rev-list", "--count", "main")).toBe("1");
	});

	it("goes on top of the one before, is not repeated, and takes away what is gone", async () => {
		const name = await emptyRepository();
		const first = await pushed(name, site);
		const second = await pushed(name, { "index.html": "<h1>Blue</h1>\n" });
		expect(second).toMatchObject({ ok: true, value: { unchanged: false } });
		expect(await inspect(name, "ls-tree", "-r", "--name-only", "main")).toBe("index.html");
		expect(await inspect(name, "rev-parse", "main^")).toBe(first.ok && first.value.commit);
		const again = await pushed(name, { "index.html": "<h1>Blue</h1>\n" });
		expect(again).toEqual({ ok: true, value: { ...(second.ok && second.value), unchanged: true } });
		expect(await pushed(name, site)).toMatchObject({ ok: true });
		expect(await inspect(name, "rev-list", "--count", "main")).toBe("3");
	});

	it("that cannot look at the branch says so, and follows nothing that lies in the way of its message", async () => {
		const name = await emptyRepository();
		expect(await pushed(name, site)).toMatchObject({ ok: true });
		/** The sandbox, in which something happens before the newest commit is looked at. */
		const meddled = (meddle: (run: SandboxRun) => Promise<SandboxRun>): Sandbox =>
			Object.assign(Object.create(scratch.sandbox), {
				run: async (run: SandboxRun) => scratch.sandbox.run(run.argv[0] === tipProgram ? await meddle(run) : run),
			});
		const late = meddled(async (run) => ({ ...run, argv: ["sleep", "60"], limits: { ...run.limits, timeoutMs: 200 } }));
		expect(await pushed(name, { "index.html": "2" }, {}, late)).toMatchObject({
			ok: false,
			failure: { code: "repository_unreachable", message: "Pushing took longer than 30 s." },
		});
		const elsewhere = join(scratch.dir, "elsewhere");
		await writeFile(elsewhere, "mine");
		const linked = meddled(async (run) => {
			await symlink(elsewhere, join(run.mounts?.[0]?.host ?? "", "message"));
			return run;
		});
		await expect(pushed(name, { "index.html": "2" }, {}, linked)).rejects.toThrow("EEXIST");
		expect(await readFile(elsewhere, "utf8")).toBe("mine");
	});

	it("leaves other branches alone and may make one beside them", async () => {
		const other = randomUUID();
		const commit = await server.add(other, { "a.txt": "a" });
		await server.allowPush(other);
		expect(await pushed(other, site, { branch: "sites/sunrise" })).toMatchObject({ ok: true });
		expect(await inspect(other, "rev-parse", "main")).toBe(commit);
		expect(await inspect(other, "rev-list", "--count", "sites/sunrise")).toBe("1");
	});

	it("never overwrites a commit that was not pushed from here, also one on top of a push or one that only says so", async () => {
		const name = randomUUID();
		const commit = await server.add(name, { "README.md": "mine" });
		await server.allowPush(name);
		const refused = {
			ok: false,
			failure: { code: "push_rejected", message: expect.stringMatching(/^The branch “main” on 127\.0\.0\.1 has commits/) },
		};
		expect(await pushed(name, site)).toMatchObject(refused);
		expect(await inspect(name, "rev-parse", "main")).toBe(commit);

		const ours = await emptyRepository();
		await pushed(ours, site);
		const tree = await inspect(ours, "rev-parse", "main^{tree}");
		const forged = ["commit-tree", tree, "-p", "main", "-m", `Theirs\n\nQuayside-Push: ${sign(tree, "")}`];
		const theirs = (await execa("git", ["--git-dir", server.bare(ours), ...forged], { env: identity })).stdout;
		await inspect(ours, "update-ref", "refs/heads/main", theirs);
		expect(await pushed(ours, { "index.html": "new" })).toMatchObject(refused);
		expect(await inspect(ours, "rev-parse", "main")).toBe(theirs);
	});

	it("that meets a commit in between is rejected by the server, and what its hooks say is told", async () => {
		let race: (() => unknown) | null = null;
		const own = await serverWith({
			intercept: (request) => {
				// Between the look and the push somebody else is faster.
				if (request.url?.includes("service=git-receive-pack")) race?.();
				return false;
			},
		});
		const name = await emptyRepository(own);
		const at = { url: own.url(name) };
		const git = (...args: string[]) =>
			execFileSync("git", ["--git-dir", own.bare(name), ...args], { env: identity, encoding: "utf8" }).trim();
		expect(await pushed(name, site, at)).toMatchObject({ ok: true });
		race = () => git("update-ref", "refs/heads/main", git("commit-tree", "main^{tree}", "-p", "main", "-m", "Theirs"));
		expect(await pushed(name, { "index.html": "2" }, at)).toMatchObject({ ok: false, failure: { code: "push_rejected" } });
		expect(git("log", "-1", "--format=%s", "main")).toBe("Theirs");
		git("update-ref", "refs/heads/main", "main^");
		race = null;
		await writeFile(join(own.bare(name), "hooks", "pre-receive"), "#!/bin/sh\necho 'Protected: ask acme' >&2\nexit 1\n", { mode: 0o755 });
		const refused = await pushed(name, { "index.html": "2" }, at);
		expect(refused).toMatchObject({
			ok: false,
			failure: { code: "push_refused", message: expect.stringContaining("“Protected: ask acme”") },
		});
		expect(git("rev-list", "--count", "main")).toBe("1");
	});

	it("needs a token that the server takes, which is told to nobody else", async () => {
		const own = await serverWith({ token: "right-token-0123" });
		const name = await emptyRepository(own);
		const at = { url: own.url(name) };
		expect(await pushed(name, site, at)).toMatchObject({
			ok: false,
			failure: { code: "repository_not_found", action: expect.stringContaining("access token that may write") },
		});
		const wrong = await pushed(name, site, { ...at, token: new Secret("wrong-token-4567") });
		expect(wrong).toMatchObject({
			ok: false,
			failure: { code: "repository_auth_failed", message: expect.stringContaining("write to this") },
		});
		expect(JSON.stringify(wrong)).not.toContain("wrong-token");
		expect(await pushed(name, site, { ...at, token: new Secret("right-token-0123") })).toMatchObject({ ok: true });
	});

	it.each([
		["right-token-0123", "oauth2 and [secret]"],
		["ann:right-token-0123", "ann and [secret]"],
		["right-token-0123:x-oauth-basic", "[secret] and [secret]"],
		["right-token-0123:", "[secret] and "],
	])("tells nobody %s when the server says what it was given", async (token, told) => {
		const own = await serverWith({
			intercept: ({ headers: { authorization = "" } }, response) => {
				const [user = "", ...password] = Buffer.from(authorization.replace("Basic ", ""), "base64").toString().split(":");
				if (authorization === "") response.writeHead(401, { "www-authenticate": "Basic realm=test" }).end();
				else response.writeHead(403, { "content-type": "text/plain" }).end(`${user} and ${password.join(":")} may not`);
				return true;
			},
		});
		const outcome = await pushed("any", site, { url: own.url("any"), token: new Secret(token) });
		expect(outcome).toMatchObject({ ok: false, failure: { lines: expect.arrayContaining([`remote: ${told} may not`]) } });
		expect(JSON.stringify(outcome)).not.toContain("right-token");
	});

	it("reaches no private network, waits no longer than it may, and ends when nobody waits for it", async () => {
		const name = await emptyRepository();
		expect(await pushed(name, site, { allowPrivate: false })).toMatchObject({ ok: false, failure: { code: "private_address" } });
		const { promise: asked, resolve } = Promise.withResolvers<void>();
		const own = await serverWith({
			intercept: () => {
				resolve();
				return true;
			},
		});
		expect(await pushed(name, site, { url: own.url(name), timeoutMs: 2000 })).toMatchObject({
			ok: false,
			failure: { code: "repository_unreachable", message: "Pushing took longer than 2 s." },
		});
		const gone = new AbortController();
		const pushing = pushed(name, site, { url: own.url(name), signal: gone.signal });
		await asked;
		gone.abort();
		expect(await pushing).toMatchObject({ ok: false, failure: { code: "cancelled" } });
	});

	it.each(["file:///tmp/x", "ext::sh -c id", "--upload-pack=x", "git://host/x", "example:static-site", "/tmp/x"])(
		"goes nowhere to %s",
		async (url) => {
			expect(await pushed("x", site, { url })).toMatchObject({ ok: false, failure: { code: "invalid_url" } });
		},
	);
});

describe.skipIf(sshProblem)(`a push by ssh${sshProblem ? ` (${sshProblem})` : ""}`, { timeout: 120_000 }, () => {
	it("shows the project's key, says which key is missing, and keeps to the host key", async () => {
		const ssh = await startSshServer();
		onTestFinished(() => ssh.stop());
		const key = await makeSshKey("quayside-sunrise");
		const name = await emptyRepository();
		const pinned: HostKey[] = [];
		const at = () => ({
			url: ssh.url(server.bare(name)),
			ssh: { key, knownHosts: [...pinned], pin: async (hosts: readonly HostKey[]) => void pinned.push(...hosts) },
		});
		expect(await pushed(name, site, at())).toMatchObject({ ok: false, failure: { action: expect.stringContaining(key.publicKey) } });
		await ssh.letIn(key.publicKey);
		expect(await pushed(name, site, at())).toMatchObject({ ok: true });
		expect(pinned).toHaveLength(1);
		await ssh.changeHostKey();
		expect(await pushed(name, { "index.html": "2" }, at())).toMatchObject({ ok: false, failure: { code: "host_key_changed" } });
		expect(await inspect(name, "rev-list", "--count", "main")).toBe("1");
	});
});

test.each([
	["main", true],
	["sites/sunrise-2.0", true],
	["v1.2", true],
	["HEAD", false],
	["-main", false],
	["a..b", false],
	["a.lock", false],
	["a.lock/b", false],
	["a/", false],
	["/a", false],
	["a//b", false],
	[".a", false],
	["a/.b", false],
	["a.", false],
	["a b", false],
	["a:b", false],
	["a~1", false],
	["a@{1}", false],
	["+a", false],
	["refs/heads/$(id)", false],
	["", false],
])("a branch called %j: %s", async (name, good) => {
	expect(branchSchema.safeParse(name).success).toBe(good);
	if (good) expect((await execa("git", ["check-ref-format", "--branch", name])).stdout).toBe(name);
});
