import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clone } from "#server/source/clone.ts";
import type { CloneRequest } from "#server/source/clone-request.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { listen, noSsh, openScratch, type Scratch } from "#tests/support/scratch.ts";

let scratch: Scratch;
let server: GitServer;
beforeAll(async () => {
	[scratch, server] = await Promise.all([openScratch(), startGitServer({ fixtures: ["static"] })]);
	await server.addEmpty("empty");
});
afterAll(async () => {
	await server.stop();
	await scratch.stop();
});

/** Clones and proves that a failure leaves no file and no process. */
async function failing(changes: Partial<CloneRequest>) {
	const folder = join(scratch.dir, randomUUID());
	await mkdir(folder);
	const mark = randomUUID();
	const request: CloneRequest = {
		url: server.url("static"),
		ref: null,
		directory: null,
		token: null,
		ssh: noSsh,
		into: join(folder, "source"),
		mark,
		limits: { maxMb: 50, maxFiles: 1000, timeoutMs: 15_000 },
		allowPrivate: true,
		signal: new AbortController().signal,
		...changes,
	};
	const outcome = await clone(request, { sandbox: scratch.sandbox, reporter: listen() });
	expect(await readdir(folder)).toEqual([]);
	expect(await scratch.sandbox.endMarked(mark)).toMatchObject({ stopped: 0, left: [] });
	if (outcome.ok) throw new Error("the clone was expected to fail");
	return outcome.failure;
}

describe("what a person got wrong", () => {
	test.each(["file:///etc", "ext::sh -c id", "--upload-pack=id", "/etc", "https://user:pw@host/x"])(
		"the address %s never reaches git",
		async (url) => {
			const never = { ...scratch.sandbox, run: () => Promise.reject(new Error("git was started")) };
			const request = {
				url,
				ref: null,
				directory: null,
				token: null,
				ssh: noSsh,
				into: join(scratch.dir, "x"),
				mark: "x",
				limits: { maxMb: 1, maxFiles: 1, timeoutMs: 1 },
				allowPrivate: true,
				signal: new AbortController().signal,
			};
			expect(await clone(request, { sandbox: never, reporter: listen() })).toMatchObject({ ok: false, failure: { code: "invalid_url" } });
		},
	);

	test("a repository that is not there", async () => {
		expect((await failing({ url: server.url("gone") })).code).toBe("repository_not_found");
	});

	test.each(["no-such-branch", "deadbeef", "0123456789abcdef0123456789abcdef01234567", "refs/heads/none"])("the ref %s", async (ref) => {
		const failure = await failing({ ref });
		expect(failure).toMatchObject({ code: "ref_not_found", message: expect.stringContaining(ref) });
	});

	test.each(["none", "index.html", "../..", "a/../../.."])("the directory %s", async (directory) => {
		expect((await failing({ directory })).code).toBe("directory_not_found");
	});

	test("a repository without a commit", async () => {
		expect((await failing({ url: server.url("empty") })).code).toBe("repository_empty");
	});

	test("a server that is not there", async () => {
		const closed = await freshPort();
		expect(await failing({ url: `http://127.0.0.1:${closed}/x.git` })).toMatchObject({
			code: "repository_unreachable",
			lines: expect.arrayContaining([expect.stringContaining("could not be reached")]),
		});
	});

	test("a host that nobody knows", async () => {
		expect(await failing({ url: "https://no-such-host.invalid/x.git", allowPrivate: false })).toMatchObject({
			code: "repository_unreachable",
			lines: expect.arrayContaining([expect.stringContaining("502")]),
		});
	});

	test("a server that does not speak git", async () => {
		const web = await startGitServer({
			intercept: (_request, response) => response.end("<!doctype html>\n<title>A page</title>\n") !== undefined,
		});
		expect((await failing({ url: web.url("x") })).code).toBe("repository_not_found");
		await web.stop();
	});
});

describe("private addresses", () => {
	test.each([
		"http://127.0.0.1:1/x.git",
		"http://localhost:1/x",
		"http://169.254.169.254/x",
		"http://10.0.0.1/x",
		"http://[::1]:1/x",
		"http://2130706433/x",
		"git://127.0.0.1/x",
		"ssh://git@127.0.0.1/x",
		"git@127.0.0.1:x",
	])("%s is refused", async (url) => {
		expect(await failing({ url, allowPrivate: false })).toMatchObject({
			code: "private_address",
			message: expect.stringContaining("private network"),
		});
	});

	test("a redirect into one is refused", async () => {
		let asked = 0;
		const inner = await startGitServer({ intercept: (_request, response) => (asked++, response.end(), true) });
		const outer = await startGitServer({
			intercept: (request, response) => {
				response.writeHead(301, { location: `http://localhost:${inner.port}${request.url}` }).end();
				return true;
			},
		});
		try {
			const failure = await failing({ url: outer.url("static"), allowPrivate: false, privateHosts: ["127.0.0.1"] });
			expect(failure.code).toBe("private_address");
			expect(asked).toBe(0);
		} finally {
			await outer.stop();
			await inner.stop();
		}
	});

	test("a redirect to another protocol is refused", async () => {
		const outer = await startGitServer({
			intercept: (_request, response) => {
				response.writeHead(301, { location: "file:///etc/passwd" }).end();
				return true;
			},
		});
		try {
			expect((await failing({ url: outer.url("static") })).code).toBe("repository_unreachable");
		} finally {
			await outer.stop();
		}
	});
});

describe("limits", () => {
	test("a repository that is too large to fetch", async () => {
		await server.add("large", { "noise.bin": randomBytes(3_000_000).toString("latin1") });
		expect((await failing({ url: server.url("large"), limits: { maxMb: 1, maxFiles: 10, timeoutMs: 15_000 } })).code).toBe(
			"repository_too_large",
		);
	});

	test("a small pack of large files is noticed before they are written", async () => {
		await server.add("bomb", { "zeros.txt": "0".repeat(8_000_000) });
		const failure = await failing({ url: server.url("bomb"), limits: { maxMb: 5, maxFiles: 10, timeoutMs: 15_000 } });
		expect(failure).toMatchObject({ code: "repository_too_large", message: "The repository's files take 8 MB; the limit is 5 MB." });
	});

	test("too many files", async () => {
		const failure = await failing({ limits: { maxMb: 5, maxFiles: 2, timeoutMs: 15_000 } });
		expect(failure).toMatchObject({ code: "repository_too_large", message: "The repository has 4 files; the limit is 2." });
	});

	test("a server that never answers runs into the deadline", async () => {
		const silent = await startGitServer({ intercept: () => true });
		expect((await failing({ url: silent.url("x"), limits: { maxMb: 5, maxFiles: 10, timeoutMs: 1500 } })).code).toBe("stage_timeout");
		await silent.stop();
	});
});

test("an abort in mid-clone leaves nothing", async () => {
	const abort = new AbortController();
	const silent = await startGitServer({
		intercept: () => {
			abort.abort();
			return true;
		},
	});
	expect((await failing({ url: silent.url("x"), signal: abort.signal })).code).toBe("cancelled");
	await silent.stop();
});

test("ssh goes through the egress proxy, too, and asks for nothing", async () => {
	const greetings: string[] = [];
	const fake = createServer((socket) => {
		socket.on("error", () => {});
		socket.write("SSH-2.0-fake\r\n");
		socket.once("data", (chunk) => {
			greetings.push(chunk.toString("latin1").split("\r\n")[0] ?? "");
			socket.end();
		});
	});
	const port = await listening(fake);
	expect((await failing({ url: `ssh://git@127.0.0.1:${port}/x.git` })).code).toBe("repository_unreachable");
	expect(greetings).toEqual([expect.stringMatching(/^SSH-2\.0-OpenSSH/)]);
	await new Promise((resolve) => fake.close(resolve));
});

function listening(server: Server): Promise<number> {
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)));
}

async function freshPort(): Promise<number> {
	const server = createServer();
	const port = await listening(server);
	await new Promise((resolve) => server.close(resolve));
	return port;
}
