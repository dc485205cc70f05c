import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { submit, waitForEvent } from "../support/deployments.ts";
import { startGitServer } from "../support/git-server.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { median, ms, percentile, say } from "./figures.ts";

const rounds = 3;
const requests = 150;
const pauseMs = 15;
const paths = ["/", "/api/deployments"];

/** As many processes as there are cores, in each of two builds. */
const project = (n: number) => ({
	"package.json": JSON.stringify({ name: `busy-${n}`, version: "1.0.0", scripts: { build: "node busy.cjs", start: "node busy.cjs" } }),
	"busy.cjs": `const { spawn } = require("node:child_process");
for (let n = 0; n < ${availableParallelism()}; n++) spawn(process.execPath, ["-e", "for (;;) Math.sqrt(Math.random())"], { stdio: "inherit" });
console.log("busy now");`,
});

/** p95 of a page and of an API call while nothing else happens, and while two builds take all the processor they can get. */
export async function measure(): Promise<void> {
	const git = await startGitServer();
	await Promise.all([1, 2].map((n) => git.add(`busy-${n}`, project(n))));
	const platform = await startPlatform();
	try {
		// Once for nothing, so that what is loaded at the first request does not count.
		await times(platform, 20);
		const ratios = new Map(paths.map((path) => [path, [] as number[]]));
		for (let round = 1; round <= rounds; round++) {
			const idle = await times(platform, requests);
			const ids = await Promise.all([1, 2].map(async (n) => (await submit(platform, git.url(`busy-${n}`))).id));
			await Promise.all(ids.map((id) => waitForEvent(platform, id, ({ metadata }) => JSON.stringify(metadata).includes("busy now"))));
			const loaded = await times(platform, requests);
			for (const id of ids) await platform.fetch(`/api/deployments/${id}/cancel`, { method: "POST" });
			await Promise.all(ids.map((id) => waitForEvent(platform, id, ({ type }) => type === "deployment_completed")));
			for (const path of paths) {
				const [before, during] = [idle, loaded].map((all) => percentile(all.get(path) ?? [], 0.95)) as [number, number];
				ratios.get(path)?.push(during / before);
				say(`round ${round}, GET ${path}: p95 idle, under load`, `${ms(before)}, ${ms(during)}`);
			}
		}
		for (const [path, all] of ratios)
			say(`GET ${path}: p95 under load ÷ idle, median of ${rounds}`, `${median(all).toFixed(2)} ×`, "≤ 1.5");
	} finally {
		await platform.stop();
		await git.stop();
	}
}

async function times(platform: Platform, count: number): Promise<Map<string, number[]>> {
	const all = new Map(paths.map((path) => [path, [] as number[]]));
	for (let n = 0; n < count; n++) {
		for (const path of paths) {
			const began = performance.now();
			await (await platform.fetch(path)).arrayBuffer();
			all.get(path)?.push(performance.now() - began);
			await delay(pauseMs);
		}
	}
	return all;
}
