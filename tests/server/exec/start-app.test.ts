import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Launch } from "#server/exec/launch.ts";
import { type OpenSandbox, openSandbox } from "#server/exec/open-sandbox.ts";
import { type StartedApp, startApp } from "#server/exec/start-app.ts";

let home: string;
let socketPath: string;
let sandbox: OpenSandbox;
const started: StartedApp[] = [];

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "quayside-app-"));
	sandbox = await openSandbox({
		home,
		isolation: "bubblewrap",
		nodePath: process.execPath,
		extraCaFile: null,
		log: { info() {}, warn() {} },
	});
	expect(sandbox.problem).toBeNull();
	socketPath = join(home, "app.sock");
});
afterEach(async () => {
	await Promise.all(started.splice(0).map((app) => app.stop(0)));
});
afterAll(() => rm(home, { recursive: true }));

const server = (host: string) =>
	`require("http").createServer((q, a) => { console.log(q.url); q.pipe(a); }).on("upgrade", (q, s) => { s.write("HTTP/1.1 101 x\\r\\nconnection: upgrade\\r\\nupgrade: raw\\r\\n\\r\\n"); s.pipe(s); }).listen(process.env.PORT, "${host}", () => console.log("listening"))`;

async function appRunning(script: string, changes: Partial<Launch> = {}, path = socketPath) {
	let output = "";
	let hear: (text: string) => void = () => {};
	const app = await startApp(
		sandbox.host,
		{
			mark: `app-${started.length}`,
			argv: ["/run/quayside/node", "-e", script],
			cwd: "/",
			mounts: [],
			env: { PORT: "8080" },
			network: { mode: "egress", policy: { allowPrivate: false, allowPrivateHosts: [] } },
			limits: { memoryMb: 512, processes: 128, fileMb: 10 },
			...changes,
		},
		{
			socketPath: path,
			port: 8080,
			onOutput(chunk) {
				output += chunk.toString();
				hear(output);
			},
		},
	);
	started.push(app);
	const said = (text: string) =>
		new Promise<void>((resolve) => {
			hear = (all) => all.includes(text) && resolve();
			hear(output);
		});
	return { ...app, said };
}

function post(path: string, body: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const asked = request({ socketPath, path, method: "POST", agent: false }, (answer) => {
			let text = "";
			answer.on("data", (chunk) => {
				text += chunk;
			});
			answer.on("end", () => resolve(text));
		});
		asked.on("error", reject).end(body);
	});
}

test.each(["127.0.0.1", "0.0.0.0", "::1", "localhost"])("an app that listens on %s is reached through its socket", async (host) => {
	const app = await appRunning(server(host));
	await app.said("listening");
	expect(await Promise.all([post("/a", "one"), post("/b", "two")])).toEqual(["one", "two"]);
	const proof = await app.stop();
	expect(proof).toMatchObject({ stopped: 1, left: [] });
	expect(await app.ended).toEqual({ exitCode: null, signal: null, reason: "aborted" });
});

test("an upgraded connection carries bytes both ways", async () => {
	const app = await appRunning(server("127.0.0.1"));
	await app.said("listening");
	const text = await new Promise<string>((resolve) => {
		let all = "";
		const socket = connect(socketPath, () => socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n"));
		socket.on("data", (chunk) => {
			all += chunk;
			if (all.endsWith("\r\n\r\n")) socket.write("ping");
			if (all.endsWith("ping")) socket.destroy();
		});
		socket.on("close", () => resolve(all));
	});
	expect(text).toMatch(/^HTTP\/1\.1 101 [\s\S]*ping$/);
});

test("the socket is there before the app listens, and nothing inside can touch it", async () => {
	const app = await appRunning(`console.log("waiting", require("fs").readdirSync("/run/quayside")); setInterval(() => {}, 1000)`);
	await app.said("waiting");
	await expect(post("/", "x")).rejects.toMatchObject({ code: "ECONNRESET" });
	expect((await stat(socketPath)).isSocket()).toBe(true);
	expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
	expect(await readdir(home)).toEqual(["app.sock", "sandbox"]);
});

test("a newer app takes over the place of an older one's socket", async () => {
	const old = await appRunning(server("127.0.0.1"));
	await old.said("listening");
	const next = await appRunning(`require("http").createServer((q, a) => a.end("next")).listen(8080, () => console.log("listening"))`);
	await next.said("listening");
	expect(await post("/", "x")).toBe("next");
	await old.stop();
	expect(await post("/", "x")).toBe("next");
});

test("the end of an app is told with its code, its signal, or the memory it used", async () => {
	expect(await (await appRunning("process.exit(3)")).ended).toEqual({ exitCode: 3, signal: null, reason: "exited" });
	expect(await (await appRunning("process.kill(process.pid, 'SIGKILL')")).ended).toEqual({
		exitCode: 137,
		signal: "SIGKILL",
		reason: "exited",
	});
	const hog = "globalThis.b = Buffer.alloc(300e6, 1); setInterval(() => {}, 1000)";
	const limits = { memoryMb: 200, processes: 128, fileMb: 10 };
	expect(await (await appRunning(hog, { limits })).ended).toEqual({ exitCode: null, signal: null, reason: "memory" });
	expect(await readdir(join(home, "sandbox", "runs"))).toEqual([]);
});

test("a socket may lie deeper than the kernel's bound on its path", async () => {
	const deep = await mkdtemp(join(home, `${"d".repeat(120)}-`));
	const app = await appRunning(`console.log("up"); setInterval(() => {}, 1000)`, {}, join(deep, "app.sock"));
	await app.said("up");
	expect((await stat(join(deep, "app.sock"))).isSocket()).toBe(true);
	await app.stop();
	await rm(deep, { recursive: true });
});
