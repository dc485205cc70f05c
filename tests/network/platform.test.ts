import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { type StreamEvent, streamOf } from "#lib/protocol/index.ts";
import { clientOf, createReader } from "#tests/server/live/reader.ts";
import { followToEnd, getDeployment, submit } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { freePort, type Platform, startPlatform } from "#tests/support/platform.ts";
import { proxies } from "./proxies.ts";
import { findProxy, type RunningProxy, startProxy } from "./proxy.ts";
import { timingsAt } from "./scale.ts";
import { checksumOf } from "./story.ts";
import { printLine } from "./table.ts";

/** Prints two hundred lines a second for four seconds. */
const talking = {
	"package.json": JSON.stringify({ name: "talking", version: "1.0.0", scripts: { build: "node build.js", start: "node server.js" } }),
	"build.js": `let n = 0; const timer = setInterval(() => {
	for (let i = 0; i < 10; i++) console.log("step " + ++n);
	if (n >= 800) clearInterval(timer);
}, 50);`,
	"server.js": `require("node:http").createServer((_, response) => response.end("up")).listen(process.env.PORT);`,
};

const nginx = await findProxy("nginx");
let platform: Platform;
let proxy: RunningProxy;
let git: GitServer;

beforeAll(async () => {
	if (!nginx) return;
	const port = await freePort();
	proxy = await startProxy(proxies.nginxUpgrade, port);
	git = await startGitServer();
	platform = await startPlatform({ port, env: { QUAYSIDE_ALLOWED_ORIGINS: proxy.origin } });
	await git.add("talking", talking);
}, 120_000);
afterAll(async () => {
	await platform?.stop();
	await proxy?.stop();
	await git?.stop();
});

/** True for the line that only an attempt prints which was in the middle of its work. */
const hasStep = (step: number) => (event: StreamEvent) =>
	event.type === "log" && event.metadata.lines.some(({ text }) => text === `step ${step}`);

describe("the whole platform behind nginx", () => {
	beforeEach(({ skip }) => skip(!nginx, "nginx is not installed on this machine"));

	test("SIGKILL, then SIGTERM, in the middle of a burst: every event once, the same screen", { timeout: 120_000 }, async () => {
		const { id, epoch } = await submit(platform, git.url("talking"));
		const reader = createReader();
		const client = clientOf(proxy.origin, platform.token, { timings: timingsAt(1) });
		client.subscribe(streamOf.deployment(id), { epoch, after: 0 }, reader.handlers);
		await reader.until(({ events }) => events.some(hasStep(200)));
		await platform.kill9();
		const struckAt = performance.now();
		const before = reader.events.length;
		await platform.restart();
		const readyAt = performance.now();
		await reader.until(({ events }) => events.length > before);
		const afterKillMs = performance.now() - readyAt;

		await reader.until(({ events }) => events.slice(before).some(hasStep(200)));
		const beforeStop = reader.events.length;
		await platform.restart();
		const restartedAt = performance.now();
		await reader.until(({ events }) => events.length > beforeStop);
		const afterStopMs = performance.now() - restartedAt;

		await reader.until(({ told }) => told.some((text) => text.startsWith("end ")));
		client.close();
		const log = await followToEnd(platform, id);
		const { activity: _, epoch: __, ...state } = await getDeployment(platform, id);
		expect(state.status).toBe("succeeded");
		expect(checksumOf(reader.events)).toBe(checksumOf(log));
		expect(foldAll(id, reader.events)).toEqual(state);
		expect(reader.told.filter((text) => text.startsWith("reset"))).toEqual([]);
		printLine(
			`SIGKILL: down for ${Math.round(readyAt - struckAt)} ms, next event ${Math.round(afterKillMs)} ms after it was ready; SIGTERM: ${Math.round(afterStopMs)} ms`,
		);
		// A client that has waited in vain comes back in 4 s at most while a deployment is active, in 2 s after `bye`.
		expect(Math.max(afterKillMs, afterStopMs)).toBeLessThan(15_000);
	});

	test.each(["directly", "through-nginx"])(
		"a client that accepts gzip gets events while they happen, %s",
		{ timeout: 60_000 },
		async (way) => {
			// A project of its own, because nothing is built twice.
			await git.add(way, talking);
			const { id } = await submit(platform, git.url(way));
			const origin = way === "directly" ? platform.url : proxy.origin;
			const headers = { authorization: `Bearer ${platform.token}`, "accept-encoding": "gzip, deflate, br" };
			const abort = new AbortController();
			const subs = JSON.stringify({ subs: [{ stream: streamOf.deployment(id) }] });
			const responses = await Promise.all([
				fetch(`${origin}/live/sse`, { method: "POST", headers, body: subs, signal: abort.signal }),
				fetch(`${origin}/api/deployments/${id}/events`, { headers: { ...headers, accept: "text/event-stream" }, signal: abort.signal }),
			]);
			for (const response of responses) {
				expect(response.headers.get("content-type")).toContain("text/event-stream");
				expect(response.headers.get("content-encoding")).toBeNull();
				await untilText(response, "step 100");
			}
			expect((await getDeployment(platform, id)).status).toBe("running");
			abort.abort();
			await followToEnd(platform, id);
		},
	);
});

/** Reads until the text has come, and no further. */
async function untilText(response: Response, text: string): Promise<void> {
	let read = "";
	for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
		read += chunk;
		if (read.includes(text)) return;
	}
	throw new Error(`ended without ${text}`);
}
