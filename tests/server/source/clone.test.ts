import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "#server/exec/sandbox.ts";
import { Secret } from "#server/secrets/secret.ts";
import { clone } from "#server/source/clone.ts";
import type { CloneRequest } from "#server/source/clone-request.ts";
import { gitPrograms } from "#server/source/git-environment.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { listen, noSsh, openScratch, type Scratch } from "#tests/support/scratch.ts";

let scratch: Scratch;
let server: GitServer;
let first: string;
let second: string;
beforeAll(async () => {
	[scratch, server] = await Promise.all([openScratch(), startGitServer({ fixtures: ["static", "static-subdirectory"] })]);
	first = await server.commit("static", { "first.txt": "1" });
	second = await server.commit("static", { "second.txt": "2", "run.sh": "#!/bin/sh\n" });
	await server.commit("static", { "other.txt": "3" }, "feature/other");
});
afterAll(async () => {
	await server.stop();
	await scratch.stop();
});

async function cloned(changes: Partial<CloneRequest>, sandbox: Sandbox = scratch.sandbox) {
	const folder = join(scratch.dir, randomUUID());
	await mkdir(folder);
	const into = join(folder, "source");
	const heard = listen();
	const request: CloneRequest = {
		url: server.url("static"),
		ref: null,
		directory: null,
		token: null,
		ssh: noSsh,
		into,
		mark: randomUUID(),
		limits: { maxMb: 50, maxFiles: 1000, timeoutMs: 15_000 },
		allowPrivate: true,
		signal: new AbortController().signal,
		...changes,
	};
	const outcome = await clone(request, { sandbox, reporter: heard });
	return { outcome, heard, into, left: await readdir(folder) };
}

const exists = (path: string) =>
	access(path).then(
		() => true,
		() => false,
	);

describe("what is cloned", () => {
	test("the newest commit of the default branch, without its history and without .git", async () => {
		const { outcome, into, left, heard } = await cloned({});
		expect(outcome).toMatchObject({ ok: true, value: { commit: second, subject: "Change second.txt, run.sh", branch: "main", files: 7 } });
		expect(outcome.ok && outcome.value.bytes).toBe(await sizeOf(into));
		expect((await readdir(into)).sort()).toEqual(["about.html", "first.txt", "index.html", "main.js", "run.sh", "second.txt", "style.css"]);
		expect(left).toEqual(["source"]);
		expect(heard.sentences[0]).toBe("Cloning static from 127.0.0.1");
		expect(heard.sentences).toContain("Wrote 7 files");
		expect(heard.percents.at(-1)).toBe(100);
		expect(heard.awaited).toContain("127.0.0.1 to answer");
	});

	test("in one run, which has forgotten token and key when it looks at the repository", async () => {
		const argv: (readonly string[])[] = [];
		const run: Sandbox["run"] = (what) => {
			argv.push(what.argv);
			return scratch.sandbox.run(what);
		};
		expect((await cloned({}, { ...scratch.sandbox, run })).outcome.ok).toBe(true);
		expect(argv.map(([program]) => program)).toEqual(["/workspace/home/clone"]);

		const home = join(scratch.dir, randomUUID());
		await mkdir(home);
		const programs = { clone: gitPrograms.clone ?? "", git: "#!/bin/sh\nenv\n", checkout: "#!/bin/sh\necho then\nenv\n" };
		for (const [name, text] of Object.entries(programs)) await writeFile(join(home, name), text, { mode: 0o755 });
		const secrets = { QUAYSIDE_GIT_USER: "secret-user", QUAYSIDE_GIT_TOKEN: "secret-token", QUAYSIDE_SSH_KEY: "secret-key" };
		const env = { PATH: `${home}:/usr/bin:/bin`, HOME: home, ...secrets };
		const { stdout } = await execa(join(home, "clone"), ["git", "tree", "1", "1", "url"], { env, extendEnv: false });
		const [before, after] = stdout.split("then\n");
		for (const secret of Object.values(secrets)) {
			expect(before).toContain(secret);
			expect(after).not.toContain(secret);
		}
	});

	test("a branch with a slash in its name", async () => {
		const { outcome, into } = await cloned({ ref: "feature/other" });
		expect(outcome).toMatchObject({ ok: true, value: { branch: "feature/other" } });
		expect(await exists(join(into, "other.txt"))).toBe(true);
	});

	test.each(["refs/heads/main", "HEAD"])("%s", async (ref) => {
		expect((await cloned({ ref })).outcome).toMatchObject({ ok: true, value: { commit: second } });
	});

	test("an older commit by its whole id, and by the beginning of it", async () => {
		for (const ref of [first, first.slice(0, 10)]) {
			const { outcome, into } = await cloned({ ref });
			expect(outcome).toMatchObject({ ok: true, value: { commit: first, branch: null } });
			expect(await exists(join(into, "second.txt"))).toBe(false);
		}
	});

	test("an older commit from a server that does not hand out single commits", async () => {
		const old = await startGitServer({
			fixtures: ["static"],
			intercept: (request) => {
				delete request.headers["git-protocol"];
				return false;
			},
		});
		try {
			const wanted = await old.commit("static", { "a.txt": "1" });
			await old.commit("static", { "b.txt": "2" });
			expect((await cloned({ url: old.url("static"), ref: wanted })).outcome).toMatchObject({ ok: true, value: { commit: wanted } });
		} finally {
			await old.stop();
		}
	});

	test("a directory of the repository must exist; everything is cloned", async () => {
		const { outcome, into } = await cloned({ url: server.url("static-subdirectory"), directory: "web" });
		expect(outcome.ok).toBe(true);
		expect(await exists(join(into, "README.md"))).toBe(true);
	});

	test("links stay links, and nothing of the repository runs or filters", async () => {
		await server.add("odd", {
			".gitattributes": "* filter=lfs\n",
			"a.bin": "version https://git-lfs.github.com/spec/v1\n",
			".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = https://127.0.0.1:1/x\n',
		});
		const { outcome, into } = await cloned({ url: server.url("odd") });
		expect(outcome.ok).toBe(true);
		expect(await readFile(join(into, "a.bin"), "utf8")).toContain("git-lfs");
	});
});

describe("tokens", () => {
	const token = "qs-test-token-4f1d0c9b";
	let guarded: GitServer;
	const seen: string[] = [];
	beforeAll(async () => {
		guarded = await startGitServer({
			fixtures: ["static"],
			token,
			intercept: (request) => {
				if (request.headers.authorization) seen.push(token);
				return false;
			},
		});
	});
	afterAll(() => guarded.stop());

	test("open a private repository and are found nowhere afterwards", async () => {
		const commands = watchCommands(token);
		const { outcome, into, heard } = await cloned({ url: guarded.url("static"), token: new Secret(token) });
		expect(outcome.ok).toBe(true);
		expect(seen.length).toBeGreaterThan(0);
		expect(await commands.stop()).toEqual({ looked: true, found: [] });
		expect(JSON.stringify(outcome) + JSON.stringify(heard)).not.toContain(token);
		for (const file of await readdir(into)) expect(await readFile(join(into, file), "utf8")).not.toContain(token);
	});

	test("may name their user", async () => {
		expect((await cloned({ url: guarded.url("static"), token: new Secret(`someone:${token}`) })).outcome.ok).toBe(true);
	});

	test("that are wrong are said to be wrong, without being repeated", async () => {
		const { outcome, heard, left } = await cloned({ url: guarded.url("static"), token: new Secret("wrong-token-77") });
		expect(outcome).toMatchObject({ ok: false, failure: { code: "repository_auth_failed" } });
		expect(JSON.stringify([outcome, heard])).not.toContain("wrong-token-77");
		expect(left).toEqual([]);
	});

	test("that are missing leave the repository not found", async () => {
		expect((await cloned({ url: guarded.url("static") })).outcome).toMatchObject({ ok: false, failure: { code: "repository_not_found" } });
	});

	test("do not follow a redirect to another server", async () => {
		const authorizations: (string | undefined)[] = [];
		const other = await startGitServer({
			intercept: (request, response) => {
				authorizations.push(request.headers.authorization);
				response.writeHead(401, { "www-authenticate": 'Basic realm="other"' }).end();
				return true;
			},
		});
		const first = await startGitServer({
			intercept: (request, response) => {
				response.writeHead(302, { location: `http://127.0.0.1:${other.port}${request.url}` }).end();
				return true;
			},
		});
		try {
			const { outcome } = await cloned({ url: first.url("static"), token: new Secret(token) });
			expect(outcome.ok).toBe(false);
			expect(authorizations).toEqual([undefined]);
		} finally {
			await first.stop();
			await other.stop();
		}
	});
});

async function sizeOf(folder: string): Promise<number> {
	let bytes = 0;
	for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
	return bytes;
}

/** Reads every command line on this machine, over and over, and keeps those that hold the text. */
function watchCommands(text: string): { stop(): Promise<{ looked: boolean; found: string[] }> } {
	let running = true;
	let git = false;
	const found = new Set<string>();
	const done = (async () => {
		while (running) {
			for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
				const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
				git ||= command.startsWith("git\0clone");
				if (command.includes(text)) found.add(command);
			}
		}
	})();
	return {
		async stop() {
			running = false;
			await done;
			return { looked: git, found: [...found] };
		},
	};
}

test("the git protocol goes through the egress proxy, too", async () => {
	const daemon = await startGitDaemon(dirname(server.bare("static")));
	try {
		const { outcome } = await cloned({ url: `git://127.0.0.1:${daemon.port}/static.git`, ref: first });
		expect(outcome).toEqual({ ok: true, value: expect.objectContaining({ commit: first }) });
	} finally {
		await daemon.stop();
	}
});

/** A real `git daemon`. It cannot choose a port by itself, so each connection of a server of ours gets one in inetd mode. */
async function startGitDaemon(root: string): Promise<{ port: number; stop(): Promise<unknown> }> {
	const listener = createServer({ allowHalfOpen: true }, (socket) => {
		const child = spawn("git", ["daemon", "--inetd", "--export-all", `--base-path=${root}`], { stdio: ["pipe", "pipe", "ignore"] });
		for (const stream of [socket, child.stdin, child.stdout]) stream.on("error", () => socket.destroy());
		socket.pipe(child.stdin);
		child.stdout.pipe(socket);
	});
	await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
	return { port: (listener.address() as AddressInfo).port, stop: () => new Promise((resolve) => listener.close(resolve)) };
}
