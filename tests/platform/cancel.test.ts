import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stage, stages } from "#lib/protocol/index.ts";
import { followToEnd, getDeployment, submit, waitForEvent } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { commandOf, type Platform, processesOf, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;

/** A server whose every step takes long enough to be cancelled, with processes that do not want to end. */
const stubborn = `process.on("SIGTERM", () => {}); require("node:child_process").spawn("sleep", ["60"]); setTimeout(() => {}, 60000);`;
const files = {
	"package.json": JSON.stringify({
		name: "slow",
		version: "1.0.0",
		scripts: { build: "node slow.js build", test: "node slow.js test", start: "node slow.js start" },
	}),
	"slow.js": `if (process.env.SLOW === process.argv[2]) { console.log("slow", process.argv[2]); ${stubborn} }
else if (process.argv[2] === "start") require("node:http").createServer((_, response) => response.end("ok")).listen(process.env.PORT);`,
};

beforeAll(async () => {
	git = await startGitServer();
	platform = await startPlatform();
	await git.add("slow", files);
});
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

async function setSlow(stage: string): Promise<void> {
	const body = JSON.stringify({ name: "SLOW", value: stage });
	await platform.fetch("/api/projects/slow/env", { method: "POST", body, headers: { "content-type": "application/json" } });
}

it.each(stages)("cancel in %s ends the deployment within 6 s and leaves no process", { timeout: 60_000 }, async (stage: Stage) => {
	await setSlow(stage === "verify" ? "start" : stage);
	const { id } = await submit(platform, git.url("slow"));
	await waitForEvent(platform, id, (event) => {
		if (stage === "build" || stage === "test")
			return event.type === "log" && event.metadata.lines.some(({ text }) => text === `slow ${stage}`);
		return event.type === "stage_started" && event.stage === stage;
	});
	const askedAt = Date.now();
	const answer = await platform.fetch(`/api/deployments/${id}/cancel`, { method: "POST" });
	await followToEnd(platform, id);
	const state = await getDeployment(platform, id);
	const tookMs = Date.parse(state.finishedAt ?? "") - askedAt;
	// A short stage may have been over before the cancel came; then the one after it was cancelled.
	expect(answer.status).toBe(202);
	expect(state.status).toBe("cancelled");
	expect(tookMs).toBeLessThan(6000);
	if (stage === "build" || stage === "test") {
		expect(state.stoppedProcesses).toBeGreaterThanOrEqual(2);
		expect(state.stages.find((one) => one.stage === stage)?.text).toMatch(/^Stopped \d+ processes in \d\.\d s; nothing is left running\.$/);
	}
	const left = await Promise.all((await processesOf("QUAYSIDE_MARK")).map(commandOf));
	expect(left.filter((command) => command.includes(platform.home))).toEqual([]);
});
