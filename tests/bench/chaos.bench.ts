import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { terminalStatuses } from "#lib/protocol/index.ts";
import { followToEnd, getDeployment, getPreview, submit } from "../support/deployments.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { commandOf, type Platform, processesOf, startPlatform } from "../support/platform.ts";
import { median, ms, say } from "./figures.ts";
import { randomFrom } from "./random.ts";

const kills = 30;
const atATime = 3;
const fixtures = ["static", "plain-http"];
const endWithinMs = 180_000;
const patienceMs = 60_000;

/**
 * Thirty times SIGKILL to the server or to its database while deployments run. Then: every deployment has ended, each log is contiguous
 * and without duplicates, nothing of a build is left running, and the apps answer. The seed is printed; `CHAOS_SEED` repeats it.
 */
export async function measure(): Promise<void> {
	const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
	const random = randomFrom(seed);
	console.log(`seed ${seed}`);
	const git = await startGitServer({ fixtures });
	const platform = await startPlatform();
	try {
		const ids: string[] = [];
		const recoveries: number[] = [];
		for (let n = 0; n < kills; n++) {
			await keepBusy(platform, git, ids);
			await delay(50 + random() * 2500);
			const began = performance.now();
			if (random() < 0.5) await killServer(platform);
			else await killDatabase(platform);
			await answersAgain(platform);
			recoveries.push(performance.now() - began);
		}
		const statuses = new Map<string, number>();
		for (const id of ids) {
			const status = await assertWhole(platform, id);
			statuses.set(status, (statuses.get(status) ?? 0) + 1);
		}
		await assertNothingLeft(platform);
		say(`kills survived, ${ids.length} deployments`, String(kills), String(kills));
		say("how they ended", [...statuses].map(([status, count]) => `${count} ${status}`).join(", "));
		say("kill → API answers again, median", ms(median(recoveries)));
	} catch (error) {
		console.error(platform.output());
		throw error;
	} finally {
		await platform.stop();
		await git.stop();
	}
}

async function keepBusy(platform: Platform, git: GitServer, ids: string[]): Promise<void> {
	let active = 0;
	for (const id of ids.slice(-2 * atATime)) {
		const deployment = await getDeployment(platform, id).catch(() => null);
		if (!deployment || !terminalStatuses.has(deployment.status)) active += 1;
	}
	for (; active < atATime; active++) {
		const fixture = fixtures[ids.length % fixtures.length] as string;
		ids.push(await submitUntilTaken(platform, git.url(fixture), `chaos-${ids.length}`));
	}
}

/** As the composer does it: the same key again until somebody answers, so that it is one deployment however often it was sent. */
async function submitUntilTaken(platform: Platform, url: string, idempotencyKey: string): Promise<string> {
	const deadline = Date.now() + patienceMs;
	for (;;) {
		try {
			return (await submit(platform, url, { idempotencyKey })).id;
		} catch (error) {
			if (Date.now() > deadline) throw error;
			await delay(100);
		}
	}
}

async function killServer(platform: Platform): Promise<void> {
	await platform.kill9();
	await platform.restart();
}

async function killDatabase(platform: Platform): Promise<void> {
	const postmaster = Number((await readFile(join(platform.home, "postgres", "data", "postmaster.pid"), "utf8")).split("\n")[0]);
	process.kill(postmaster, "SIGKILL");
	while ((await commandOf(postmaster)) !== "") await delay(10);
}

async function answersAgain(platform: Platform): Promise<void> {
	const deadline = Date.now() + patienceMs;
	for (;;) {
		const response = await platform.fetch("/api/deployments?limit=1").catch(() => null);
		if (response?.ok) return;
		if (Date.now() > deadline) throw new Error(`no answer long after a kill; the last was ${response?.status}`);
		await delay(50);
	}
}

/** Reads the whole log of one deployment and checks it; answers how the deployment ended. */
async function assertWhole(platform: Platform, id: string): Promise<string> {
	const events = await followToEnd(platform, id, endWithinMs);
	assert.deepEqual(
		events.map(({ seq }) => seq),
		events.map((_, index) => index + 1),
		`${id}: seq has gaps`,
	);
	assert.equal(new Set(events.map((event) => event.id)).size, events.length, `${id}: an event is there twice`);
	const lines = events.flatMap((event) => (event.type === "log" ? event.metadata.lines.map(({ n }) => n) : []));
	assert.deepEqual(
		lines,
		lines.map((_, index) => index + 1),
		`${id}: log lines are missing or doubled`,
	);
	assert.equal(events.filter(({ type }) => type === "deployment_completed").length, 1, `${id}: ended not exactly once`);
	assert.equal(events.at(-1)?.type, "deployment_completed", `${id}: something was said after the end`);
	const { status } = await getDeployment(platform, id);
	assert(terminalStatuses.has(status), `${id} is ${status}`);
	return status;
}

/** What may run: the server, the database, and the apps of active releases. Those must answer. */
async function assertNothingLeft(platform: Platform): Promise<void> {
	const { projects } = (await (await platform.fetch("/api/projects")).json()) as { projects: { previewUrl: string | null }[] };
	for (const { previewUrl } of projects) {
		if (previewUrl) assert.equal((await getPreview(previewUrl)).status, 200, `${previewUrl} does not answer`);
	}
	const commands = await Promise.all((await processesOf(platform.home)).map(commandOf));
	const left = commands.filter((command) => /\/(sources|builds)\//.test(command));
	assert.deepEqual(left, [], "processes of attempts are left");
}
