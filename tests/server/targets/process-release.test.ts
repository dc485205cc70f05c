import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readProcess } from "#server/exec/process-table.ts";
import { commandOf, processesOf } from "#tests/support/platform.ts";
import {
	addProject,
	buildOf,
	deploy,
	listener,
	type Machine,
	type Platform,
	prepareAndStart,
	startMachine,
	startPlatform,
	visit,
} from "./local-machine.ts";

let database: Machine["database"];
let home: string;
let platform: Platform;
let stop: Machine["stop"];

beforeAll(async () => {
	({ database, home, platform, stop } = await startMachine());
});
afterAll(() => stop());

const hello = (text: string) => `
	import { createServer } from "node:http";
	createServer((request, response) => response.end(${JSON.stringify(text)} + process.env.GREETING)).listen(process.env.PORT);
	console.log("listening, key", process.env.API_KEY);
`;

async function release(slug: string, program: string, env: Record<string, string> = {}, plan = {}) {
	const project = await addProject(database.db, slug);
	return buildOf(database.db, home, project, { "server.mjs": program }, plan, env);
}

const statusOf = async (id: string) =>
	(await database.db.selectFrom("releases").select("status").where("id", "=", id).executeTakeFirstOrThrow()).status;
const rowOf = (id: string) => database.db.selectFrom("releases").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const soon = () => AbortSignal.timeout(15_000);

test("an app is started, asked, and then answers visitors with its environment", async () => {
	const spec = await release("shop", hello("hi "), { GREETING: "there", API_KEY: "key-1234567890" });
	const told = listener();
	expect(await prepareAndStart(platform.target, spec, told, soon())).toMatchObject({ ok: true, value: { sizeBytes: expect.any(Number) } });
	expect((await visit(platform.port, "shop.localhost")).status).toBe(404);
	const checked = await platform.target.check(spec.id, told, soon());
	expect(checked).toMatchObject({ ok: true, value: { status: 200 } });
	expect(told.said).toContain("Started node server.mjs");
	expect(told.said.some((text) => /^Asked \/ 3 times, 200 in \d+ ms$/.test(text))).toBe(true);

	expect(await platform.target.activate(spec.id)).toEqual({ url: "http://shop.localhost:3000" });
	expect(await visit(platform.port, "shop.localhost:1234")).toMatchObject({ status: 200, body: "hi there" });
	expect(await statusOf(spec.id)).toBe("live");
	expect((await platform.target.readLog(spec.id, { lines: 100 })).text).toContain("listening, key [hidden]");
	const row = await database.db.selectFrom("releases").select("env").where("id", "=", spec.id).executeTakeFirstOrThrow();
	expect(Buffer.from(row.env).includes("key-1234567890")).toBe(false);

	await platform.target.stop(spec.id);
	expect(await visit(platform.port, "shop.localhost")).toMatchObject({ status: 503, body: expect.stringContaining("The app is stopped") });
	await platform.target.start(spec.id, listener(), soon());
	expect(await platform.target.check(spec.id, listener(), soon())).toMatchObject({ ok: true });
	expect((await visit(platform.port, "shop.localhost")).body).toBe("hi there");
});

test("prepared twice, it is one release with one runner", async () => {
	const spec = await release("twice", hello("once "));
	await prepareAndStart(platform.target, spec, listener(), soon());
	const state = await readFile(`${home}/releases/${spec.id}/runner.json`, "utf8");
	await prepareAndStart(platform.target, spec, listener(), soon());
	expect(await readFile(`${home}/releases/${spec.id}/runner.json`, "utf8")).toBe(state);
	await platform.target.remove(spec.id);
	expect(await readProcess(JSON.parse(state).pid)).toBeNull();
});

test("an app that ends at once has crashed: its last lines and exit code are told", async () => {
	const spec = await release("broken", `console.error("no database"); process.exit(3);`);
	await prepareAndStart(platform.target, spec, listener(), soon());
	expect(await platform.target.check(spec.id, listener(), soon())).toEqual({
		ok: false,
		failure: {
			code: "app_crashed",
			cause: "app_crashed",
			message: "The app ended by itself with exit code 3.",
			exitCode: 3,
			lines: expect.arrayContaining(["no database"]),
		},
	});
	const change = await platform.told(spec.id, "crashed");
	expect(change.reason).toBe("The app ended by itself with exit code 3. That happened too often: it is not started again.");
	const crash = { message: "The app ended by itself with exit code 3.", exitCode: 3, lines: ["no database", "no database", "no database"] };
	expect(change.crash).toEqual(crash);
	expect(await rowOf(spec.id)).toMatchObject({ status: "crashed", crash });
	expect(await platform.target.lastLines(spec.id)).toEqual(["no database", "no database", "no database"]);
});

test("an app that never listens is told apart from one that answers with errors", async () => {
	const mute = await release("mute", `console.log("thinking"); setInterval(() => {}, 1000);`);
	const failing = await release(
		"failing",
		`import { createServer } from "node:http"; createServer((q, r) => { r.statusCode = 500; r.end(); }).listen(process.env.PORT);`,
	);
	const elsewhere = await release("elsewhere", `import { createServer } from "node:http"; createServer((q, r) => r.end()).listen(4321);`);
	await prepareAndStart(platform.target, elsewhere, listener(), soon());
	await prepareAndStart(platform.target, mute, listener(), soon());
	await prepareAndStart(platform.target, failing, listener(), soon());
	const [first, second, third] = await Promise.all(
		[mute, failing, elsewhere].map(({ id }) => platform.target.check(id, listener(), soon())),
	);
	expect(first).toMatchObject({ ok: false, failure: { code: "app_not_listening", lines: ["thinking"] } });
	expect(second).toMatchObject({ ok: false, failure: { code: "app_unhealthy", message: expect.stringContaining("500") } });
	expect(third).toMatchObject({
		ok: false,
		failure: { code: "app_not_listening", message: "The app listens on port 4321, but not on the one in the PORT variable." },
	});
	await platform.target.remove(elsewhere.id);
	await platform.target.remove(mute.id);
	await platform.target.remove(failing.id);
});

test("what a deployment leaves behind that did not go live is stopped; what is live goes on", async () => {
	const live = await release("kept", hello("kept "));
	await deploy(platform.target, live);
	const left = await release("left", hello("left "));
	await prepareAndStart(platform.target, left, listener(), soon());
	const { pid } = JSON.parse(await readFile(`${home}/releases/${left.id}/runner.json`, "utf8"));
	expect(await readProcess(pid)).not.toBeNull();
	for (const id of [live.id, left.id, "nothing"]) await platform.target.abandon(id);
	expect(await readProcess(pid)).toBeNull();
	expect(await statusOf(left.id)).toBe("stopped");
	expect((await visit(platform.port, "kept.localhost")).status).toBe(200);
	await platform.target.remove(live.id);
	await platform.target.remove(left.id);
});

test("a check ends when it is aborted", async () => {
	const spec = await release("slow", `setInterval(() => {}, 1000);`);
	await prepareAndStart(platform.target, spec, listener(), soon());
	const abort = new AbortController();
	const checked = platform.target.check(spec.id, listener(), abort.signal);
	abort.abort(new Error("cancelled"));
	await expect(checked).rejects.toThrow();
	await platform.target.remove(spec.id);
});

test("a live app that crashes is started again, and after too many crashes it is not", async () => {
	const program = `
		import { createServer } from "node:http";
		createServer((request, response) => {
			if (request.url === "/die") process.exit(7);
			response.end("alive");
		}).listen(process.env.PORT);`;
	const spec = await release("fragile", program);
	await deploy(platform.target, spec);
	const before = platform.changes.length;
	const crashes = async () => {
		await visit(platform.port, "fragile.localhost", "/die").catch(() => {});
		return platform.changes.slice(before);
	};
	await crashes();
	await expect.poll(async () => (await visit(platform.port, "fragile.localhost")).body).toBe("alive");
	expect(platform.changes.slice(before)).toContainEqual(
		expect.objectContaining({
			releaseId: spec.id,
			status: "starting",
			reason: "The app ended by itself with exit code 7. It is started again.",
		}),
	);
	await crashes();
	await expect.poll(async () => (await visit(platform.port, "fragile.localhost")).body).toBe("alive");
	await crashes();
	await platform.told(spec.id, "crashed");
	expect(await visit(platform.port, "fragile.localhost")).toMatchObject({ status: 503, body: expect.stringContaining("has crashed") });
	expect(await rowOf(spec.id)).toMatchObject({ status: "crashed", crash: { exitCode: 7 } });

	expect(await platform.target.start(spec.id, listener(), soon())).toMatchObject({ ok: true });
	expect(await platform.target.check(spec.id, listener(), soon(), { healthyBefore: true })).toMatchObject({ ok: true });
	expect((await visit(platform.port, "fragile.localhost")).body).toBe("alive");
	expect(await rowOf(spec.id)).toMatchObject({ status: "live", crash: null });
});

test("its runner is started while its files are copied, and ended when it is not needed", async () => {
	const runners = async (id: string) => {
		const commands = await Promise.all((await processesOf(home)).map(commandOf));
		return commands.filter((command) => command.includes("runner.ts") && command.includes(id)).length;
	};
	const used = await release("ahead", hello("ahead "));
	await platform.target.prepare(used, listener(), soon());
	expect(await runners(used.id)).toBe(1);
	expect(await platform.target.start(used.id, listener(), soon())).toMatchObject({ ok: true });
	expect(await runners(used.id)).toBe(1);
	expect((await platform.target.readLog(used.id, { lines: 100 })).text).toContain("The app was started.");

	const unused = await release("unused", hello("unused "));
	await platform.target.prepare(unused, listener(), soon());
	await platform.target.remove(unused.id);
	await expect.poll(() => runners(unused.id), { timeout: 30_000 }).toBe(0);
	await platform.target.remove(used.id);
	expect(await runners(used.id)).toBe(0);
});

test("stored but not started, it runs nothing", async () => {
	const spec = await release("stored", hello("stored "));
	await platform.target.prepare(spec, listener(), soon());
	expect(await rowOf(spec.id)).toMatchObject({ status: "stopped" });
	await expect(readFile(`${home}/releases/${spec.id}/runner.json`)).rejects.toThrow("ENOENT");
});

test("an app that ignores PORT is reached on the port its plan names, and has the plan's variables below the project's", async () => {
	const program = `
		import { createServer } from "node:http";
		createServer((q, r) => r.end([process.env.PORT, process.env.FROM_PLAN, process.env.BOTH].join(" "))).listen(4321);`;
	const spec = await release("fixed", program, { BOTH: "project" }, { port: 4321, env: { FROM_PLAN: "plan", BOTH: "plan" } });
	await deploy(platform.target, spec);
	expect((await visit(platform.port, "fixed.localhost")).body).toBe("4321 plan project");
});

test("stopping ends what ignores TERM and what was leaked", async () => {
	const program = `
		import { spawn } from "node:child_process";
		import { createServer } from "node:http";
		process.on("SIGTERM", () => {});
		spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" }).unref();
		createServer((q, r) => r.end("stubborn")).listen(process.env.PORT);`;
	const spec = await release("stubborn", program);
	await deploy(platform.target, spec);
	const state = JSON.parse(await readFile(`${home}/releases/${spec.id}/runner.json`, "utf8"));
	await platform.target.stop(spec.id);
	expect(await readProcess(state.pid)).toBeNull();
	expect(await statusOf(spec.id)).toBe("stopped");
});

test("what an app writes is kept over a restart, and the build stays as it was", async () => {
	const program = `
		import { appendFileSync, readFileSync } from "node:fs";
		import { createServer } from "node:http";
		appendFileSync("visits", "x");
		createServer((q, r) => r.end(readFileSync("visits"))).listen(process.env.PORT);`;
	const spec = await release("writer", program);
	await deploy(platform.target, spec);
	expect((await visit(platform.port, "writer.localhost")).body).toBe("x");
	await platform.target.stop(spec.id);
	await platform.target.start(spec.id, listener(), soon());
	await platform.target.check(spec.id, listener(), soon());
	expect((await visit(platform.port, "writer.localhost")).body).toBe("xx");
	await expect(readFile(`${spec.buildDir}/app/visits`)).rejects.toThrow("ENOENT");
});

test("an app reaches nothing private", async () => {
	const program = `
		import { createServer, get } from "node:http";
		const tried = await fetch("http://127.0.0.1:5432/").catch((error) => error.cause?.code ?? error.message);
		const proxy = new URL(process.env.HTTP_PROXY);
		const metadata = await new Promise((resolve) =>
			get({ host: proxy.hostname, port: proxy.port, path: "http://169.254.169.254/" }, (answer) => resolve(answer.statusCode)));
		createServer((q, r) => r.end(JSON.stringify({ tried, metadata }))).listen(process.env.PORT);`;
	const spec = await release("curious", program);
	await deploy(platform.target, spec);
	expect(JSON.parse((await visit(platform.port, "curious.localhost")).body)).toEqual({
		tried: "ECONNREFUSED",
		metadata: 403,
	});
});

test("where an administrator allows it, an app runs without isolation, and is ended whole", async () => {
	const bare = await startPlatform(home, database.db, {}, "none");
	const program = `
		import { spawn } from "node:child_process";
		import { createServer } from "node:http";
		const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
		createServer((q, r) => r.end([process.pid, child.pid, process.env.HOST].join(" "))).listen(process.env.PORT, process.env.HOST);`;
	const spec = await release("bare", program);
	await deploy(bare.target, spec);
	const [own = "", leaked = "", host] = (await visit(bare.port, "bare.localhost")).body.split(" ");
	expect(host).toBe("127.0.0.1");
	await bare.target.stop(spec.id);
	expect(await readProcess(Number(own))).toBeNull();
	expect(await readProcess(Number(leaked))).toBeNull();
	await bare.close();
});

test("a project's first app is shown from its first good answer, and no longer once its check has failed", async () => {
	const patient = await startPlatform(home, database.db, { stableMs: 30_000, answerWithinMs: 3000 });
	try {
		const spec = await release(
			"early",
			`
				import { createServer } from "node:http";
				let status = 200;
				createServer((request, response) => {
					response.writeHead(status).end("here");
					if (request.url === "/break") status = 500;
				}).listen(process.env.PORT);`,
		);
		await prepareAndStart(patient.target, spec, listener(), soon());
		expect((await visit(patient.port, "early.localhost")).status).toBe(404);
		const checking = patient.target.check(spec.id, listener(), soon());
		await expect.poll(() => visit(patient.port, "early.localhost", "/break")).toMatchObject({ status: 200, body: "here" });
		expect(await checking).toMatchObject({ ok: false, failure: { code: "app_unhealthy" } });
		expect((await visit(patient.port, "early.localhost")).status).toBe(404);
	} finally {
		await patient.close();
	}
});
