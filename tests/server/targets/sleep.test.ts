import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readProcess } from "#server/exec/process-table.ts";
import { addProject, buildOf, deploy, type Machine, type Platform, startMachine, startPlatform, visit } from "./local-machine.ts";

let database: Machine["database"];
let home: string;
let platform: Platform;
let stop: Machine["stop"];

beforeAll(async () => {
	({ database, home, platform, stop } = await startMachine());
});
afterAll(() => stop());

/** Counts its starts in a file; `/wait` is answered half a second later. Accepts WebSockets by hand. */
const program = `
	import { appendFileSync, existsSync, readFileSync } from "node:fs";
	import { createHash } from "node:crypto";
	import { createServer } from "node:http";
	if (existsSync("broken")) process.exit(9);
	appendFileSync("starts", "x");
	const server = createServer((request, response) => {
		if (request.url === "/break") appendFileSync("broken", "x");
		setTimeout(() => response.end(readFileSync("starts")), request.url === "/wait" ? 500 : 0);
	});
	server.on("upgrade", (request, socket) => {
		socket.on("end", () => socket.end()).resume();
		const key = createHash("sha1").update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
		socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + key + "\\r\\n\\r\\n");
	});
	server.listen(process.env.PORT);`;

async function sleeper(slug: string, minutes: number | null = 1) {
	const project = await addProject(database.db, slug);
	if (minutes !== null) {
		const settings = JSON.stringify({ sleepAfterMinutes: minutes });
		await database.db.updateTable("projects").set({ settings }).where("id", "=", project.id).execute();
	}
	const spec = await buildOf(database.db, home, project, { "server.mjs": program });
	await deploy(platform.target, spec);
	return spec;
}

const rowOf = (id: string) =>
	database.db.selectFrom("releases").select(["status", "asleep"]).where("id", "=", id).executeTakeFirstOrThrow();
const runnerOf = async (id: string): Promise<number> => JSON.parse(await readFile(`${home}/releases/${id}/runner.json`, "utf8")).pid;

/** Looks again and again, as the platform does, until the app is asleep. */
async function asleep(id: string): Promise<void> {
	await expect
		.poll(async () => {
			await platform.target.letSleep();
			return rowOf(id);
		})
		.toEqual({ status: "stopped", asleep: true });
}

test("an app nobody asks for is stopped, and the next visitors wake it, once", async () => {
	const spec = await sleeper("idle");
	expect((await visit(platform.port, "idle.localhost")).body).toBe("x");
	const pid = await runnerOf(spec.id);
	await asleep(spec.id);
	expect(await readProcess(pid)).toBeNull();
	expect(platform.changes.at(-1)).toMatchObject({
		status: "stopped",
		asleep: true,
		says: "fell asleep: nobody asked for it for a minute. The next visitor wakes it.",
	});
	const answers = await Promise.all(Array.from({ length: 10 }, () => visit(platform.port, "idle.localhost")));
	for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: "xx" });
	await platform.told(spec.id, "live");
	expect(await rowOf(spec.id)).toEqual({ status: "live", asleep: false });
});

test("a WebSocket wakes an app too, and one that is open keeps it awake", async () => {
	const spec = await sleeper("socket");
	await asleep(spec.id);
	const client = new WebSocket(`ws://127.0.0.1:${platform.port}/`, { headers: { host: "socket.localhost" } });
	await new Promise((resolve, reject) => client.once("open", resolve).once("error", reject));
	await expect
		.poll(async () => {
			await platform.target.letSleep();
			return platform.target.quietMs(spec.id);
		})
		.toBe(0);
	expect(await rowOf(spec.id)).toEqual({ status: "live", asleep: false });
	client.terminate();
	await asleep(spec.id);
});

test("a visitor who waits longer than that for an answer gets it", async () => {
	const spec = await sleeper("patient");
	const answer = visit(platform.port, "patient.localhost", "/wait");
	await expect.poll(() => platform.target.visitors(spec.id)).toBe(1);
	const looking = setInterval(() => void platform.target.letSleep(), 50);
	try {
		expect(await answer).toMatchObject({ status: 200, body: "x" });
	} finally {
		clearInterval(looking);
	}
});

test("an app sleeps over a restart of the platform", async () => {
	const spec = await sleeper("overnight");
	await asleep(spec.id);
	const next = await startPlatform(home, database.db);
	await next.target.adopt();
	expect(await rowOf(spec.id)).toEqual({ status: "stopped", asleep: true });
	expect(await visit(next.port, "overnight.localhost")).toMatchObject({ status: 200, body: "xx" });
	await next.target.stop(spec.id);
	await next.close();
});

test("an app that does not wake says so to the visitor", async () => {
	const spec = await sleeper("doomed");
	await visit(platform.port, "doomed.localhost", "/break");
	await asleep(spec.id);
	expect(await visit(platform.port, "doomed.localhost")).toMatchObject({ status: 503, body: expect.stringContaining("has crashed") });
	await platform.told(spec.id, "crashed");
	expect(await rowOf(spec.id)).toEqual({ status: "crashed", asleep: false });
});

test("an app that its owner stopped stays stopped, and one that may not sleep runs on", async () => {
	const stopped = await sleeper("halted");
	const awake = await sleeper("always", null);
	await asleep(stopped.id);
	await platform.target.stop(stopped.id);
	expect(await rowOf(stopped.id)).toEqual({ status: "stopped", asleep: false });
	expect(await visit(platform.port, "halted.localhost")).toMatchObject({ status: 503, body: expect.stringContaining("is stopped") });
	await expect.poll(() => platform.target.quietMs(awake.id)).toBeGreaterThan(300);
	await platform.target.letSleep();
	expect(await rowOf(awake.id)).toEqual({ status: "live", asleep: false });
});
