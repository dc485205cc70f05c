import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprintOf, makeSshKey, type SshKey } from "#server/secrets/ssh-key.ts";
import { clone } from "#server/source/clone.ts";
import type { HostKey } from "#server/source/known-hosts.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { listen, openScratch, type Scratch } from "#tests/support/scratch.ts";
import { type SshServer, sshProblem, startSshServer } from "#tests/support/ssh-server.ts";

describe("a key made here", () => {
	it("is one that OpenSSH reads, with the same public half and fingerprint", async () => {
		const { publicKey, privateKey } = await makeSshKey("quayside-web-shop");
		const folder = await mkdtemp(join(tmpdir(), "quayside-key-"));
		await writeFile(join(folder, "key"), privateKey.reveal(), { mode: 0o600 });
		const { stdout } = await execa("ssh-keygen", ["-y", "-P", "", "-f", join(folder, "key")]);
		await writeFile(join(folder, "key.pub"), publicKey);
		const listed = await execa("ssh-keygen", ["-l", "-f", join(folder, "key.pub")]);
		await rm(folder, { recursive: true });
		expect(stdout).toBe(publicKey);
		expect(publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+ quayside-web-shop$/);
		expect(listed.stdout.split(" ")[1]).toBe(fingerprintOf(publicKey));
	});
});

describe.skipIf(sshProblem)(`a repository behind ssh${sshProblem ? ` (${sshProblem})` : ""}`, () => {
	let scratch: Scratch;
	let git: GitServer;
	let server: SshServer;
	let key: SshKey;
	/** What the project expects, as the database would keep it. */
	let pinned: HostKey[];
	beforeAll(async () => {
		[scratch, git, server, key] = await Promise.all([
			openScratch(),
			startGitServer({ fixtures: ["static"] }),
			startSshServer(),
			makeSshKey("quayside-static"),
		]);
	});
	afterAll(async () => {
		await server?.stop();
		await git?.stop();
		await scratch?.stop();
	});

	/** Clones as a project does whose key this is. */
	async function cloned(given: SshKey | null = key) {
		const folder = join(scratch.dir, randomUUID());
		await mkdir(folder);
		const outcome = await clone(
			{
				url: server.url(git.bare("static")),
				ref: null,
				directory: null,
				token: null,
				ssh: { key: given, knownHosts: pinned, pin: async (hosts) => void pinned.push(...hosts) },
				into: join(folder, "source"),
				mark: randomUUID(),
				limits: { maxMb: 50, maxFiles: 1000, timeoutMs: 30_000 },
				allowPrivate: true,
				signal: new AbortController().signal,
			},
			{ sandbox: scratch.sandbox, reporter: listen() },
		);
		return { outcome, left: await readdir(folder) };
	}

	it("is refused to a key it does not know, and the answer says what to do; the host key is kept", async () => {
		pinned = [];
		const { outcome, left } = await cloned();
		expect(outcome).toMatchObject({
			ok: false,
			failure: {
				code: "repository_auth_failed",
				message: "127.0.0.1 did not let Quayside read this repository by ssh.",
				action: `Add this key to the repository as a deploy key, then retry: ${key.publicKey}`,
				lines: expect.arrayContaining([expect.stringContaining("Permission denied")]),
			},
		});
		expect(JSON.stringify(outcome)).not.toContain("debug1");
		expect(left).toEqual([]);
		expect(pinned).toEqual([
			{ host: `[127.0.0.1]:${server.port}`, key: expect.stringMatching(/^ssh-ed25519 /), fingerprint: await server.fingerprint() },
		]);
	});

	it("is cloned with the key", async () => {
		await server.letIn(key.publicKey);
		const { outcome, left } = await cloned();
		expect(outcome).toMatchObject({ ok: true, value: { files: 4, branch: "main" } });
		expect(left).toEqual(["source"]);
		expect(pinned.length).toBe(1);
	});

	it("is refused without a key, and with the one before after a rotation", async () => {
		expect((await cloned(null)).outcome).toMatchObject({
			failure: { code: "repository_auth_failed", action: expect.stringContaining("Make a deploy key") },
		});
		const next = await makeSshKey("quayside-static");
		await server.letIn(next.publicKey);
		expect((await cloned()).outcome).toMatchObject({ failure: { code: "repository_auth_failed" } });
		expect((await cloned(next)).outcome).toMatchObject({ ok: true });
		await server.letIn(key.publicKey);
	});

	it.each(["ed25519", "ecdsa"] as const)(
		"is not cloned from a server that shows another host key (%s), until that is forgotten",
		async (kind) => {
			const before = pinned[0]?.fingerprint;
			await server.changeHostKey(kind);
			const { outcome } = await cloned();
			expect(outcome).toMatchObject({ ok: false, failure: { code: "host_key_changed" } });
			if (outcome.ok) throw new Error("unreachable");
			expect(outcome.failure.message).toBe(
				`127.0.0.1 showed the host key ${await server.fingerprint()}; expected was ${before}, which it had before.`,
			);
			pinned = [];
			expect((await cloned()).outcome).toMatchObject({ ok: true });
			expect(pinned).toMatchObject([{ fingerprint: await server.fingerprint() }]);
		},
	);
});
