import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { type Stage, stages } from "#lib/protocol/index.ts";
import { followToEnd, getDeployment, getPreview, submit, waitForEvent } from "#tests/support/deployments.ts";
import { commandOf, type Platform, processesOf, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;

beforeAll(async () => {
	platform = await startPlatform();
});
afterAll(() => platform?.stop());

/** Starts a deployment and answers its id as soon as the stage runs. */
async function startUntil(stage: Stage): Promise<string> {
	const { id } = await submit(platform, "example:node-server");
	await waitForEvent(platform, id, (event) => event.type === "stage_started" && event.stage === stage);
	return id;
}

/** The deployment went through, and its log is whole, once, in order, and folds to what everybody is shown. */
async function expectWholeStory(id: string): Promise<void> {
	const events = await followToEnd(platform, id);
	const { activity: _, epoch: __, ...state } = await getDeployment(platform, id);
	expect(state).toMatchObject({ status: "succeeded", error: null });
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
	expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
	expect(events.filter(({ type }) => type === "deployment_completed")).toHaveLength(1);
	const lines = events.flatMap((event) => (event.type === "log" ? event.metadata.lines.map(({ n }) => n) : []));
	expect(lines).toEqual(lines.map((_line, index) => index + 1));
	expect(foldAll(id, events)).toEqual(state);
	expect(await getPreview(state.previewUrl ?? "")).toMatchObject({ status: 200, body: expect.stringContaining("Your server is live.") });
}

/** Sandboxes of attempts that are left running; the release's own app is none of them. */
async function attemptsLeft(releases: ReadonlySet<string>): Promise<string[]> {
	const commands = await Promise.all((await processesOf("QUAYSIDE_MARK")).map(commandOf));
	return commands.filter((command) => command.includes(platform.home) && ![...releases].some((release) => command.includes(release)));
}

describe("kill -9 of the server", () => {
	it.each(stages)("in %s: the deployment goes on after the restart, and nothing is lost or doubled", { timeout: 90_000 }, async (stage) => {
		const id = await startUntil(stage);
		await platform.kill9();
		await platform.restart();
		await expectWholeStory(id);
		expect(await attemptsLeft(new Set([id]))).toEqual([]);
	});
});

describe("kill -9 of the database", () => {
	it.each(stages)("in %s: the deployment goes on, and nothing is lost or doubled", { timeout: 90_000 }, async (stage) => {
		const id = await startUntil(stage);
		const [pid = ""] = (await readFile(join(platform.home, "postgres", "data", "postmaster.pid"), "utf8")).split("\n");
		process.kill(Number(pid), "SIGKILL");
		await expectWholeStory(id);
	});
});

it("a graceful stop in mid-build leaves the work resumable and ends within ten seconds", { timeout: 60_000 }, async () => {
	const id = await startUntil("build");
	const startedAt = performance.now();
	await platform.restart();
	expect(performance.now() - startedAt).toBeLessThan(15_000);
	await expectWholeStory(id);
});
