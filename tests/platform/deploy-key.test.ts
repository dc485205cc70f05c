import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "#lib/client/client.ts";
import { followToEnd } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";
import { type SshServer, sshProblem, startSshServer } from "#tests/support/ssh-server.ts";

describe.skipIf(sshProblem)(`a repository behind ssh${sshProblem ? ` (${sshProblem})` : ""}`, () => {
	let platform: Platform;
	let git: GitServer;
	let ssh: SshServer;
	let client: Client;
	beforeAll(async () => {
		[platform, git, ssh] = await Promise.all([startPlatform(), startGitServer({ fixtures: ["static"] }), startSshServer()]);
		client = createClient({ origin: `http://127.0.0.1:${platform.port}`, token: platform.token });
	}, 120_000);
	afterAll(async () => {
		await platform?.stop();
		await git?.stop();
		await ssh?.stop();
	});

	async function ended(id: string) {
		await followToEnd(platform, id);
		const { status, error } = await client.deployments.get(id);
		return { id, status, code: error?.code ?? null, message: error?.message ?? "", action: error?.action ?? "" };
	}

	it("goes live after its key was added, and no more when the server shows another host key, until that is forgotten", {
		timeout: 120_000,
	}, async () => {
		const first = await client.deployments.create({ source: { type: "git", url: ssh.url(git.bare("static")) } });
		const { slug } = first.deployment.project;
		const refused = await ended(first.deployment.id);
		const key = await client.projects.deployKey(slug);
		expect(refused).toMatchObject({ status: "failed", code: "repository_auth_failed" });
		expect(refused.action).toBe(`Add this key to the repository as a deploy key, then retry: ${key?.publicKey}`);
		const host = `[127.0.0.1]:${ssh.port}`;
		expect(key?.knownHosts).toMatchObject([{ host, fingerprint: await ssh.fingerprint() }]);

		await ssh.letIn(key?.publicKey ?? "");
		expect(await ended((await client.deployments.retry(refused.id)).deployment.id)).toMatchObject({ status: "succeeded" });

		await ssh.changeHostKey();
		const again = await client.deployments.create({ source: { type: "git", url: ssh.url(git.bare("static")) } });
		expect(await ended(again.deployment.id)).toMatchObject({
			code: "host_key_changed",
			message: expect.stringContaining(await ssh.fingerprint()),
		});
		await client.projects.forgetHost(slug, host);
		expect(await ended((await client.deployments.retry(again.deployment.id)).deployment.id)).toMatchObject({ status: "succeeded" });
	});

	it("leaves its private key in no file of the platform and in nothing it printed", async () => {
		const entries = await readdir(platform.home, { recursive: true, withFileTypes: true });
		const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes("/toolchains/"));
		expect(files.length).toBeGreaterThan(100);
		for (const { parentPath, name } of files)
			expect([name, (await readFile(join(parentPath, name), "latin1").catch(() => "")).includes("BEGIN OPENSSH PRIVATE KEY")]).toEqual([
				name,
				false,
			]);
		expect(platform.output()).not.toContain("PRIVATE KEY");
	});
});
