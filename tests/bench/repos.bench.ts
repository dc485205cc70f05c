import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { liveFixtures } from "../fixtures/live.ts";
import { deploy, getPreview } from "../support/deployments.ts";
import { fixtureDir, type GitServer, startGitServer } from "../support/git-server.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { percentile, say } from "./figures.ts";

interface Repository {
	name: string;
	folder: string;
	directory?: string | undefined;
	path?: string | undefined;
}

interface Row {
	name: string;
	detected: string;
	built: boolean;
	live: boolean;
	tookMs: number;
	/** What is missing or went wrong; "" for one that is live. */
	missing: string;
	/** True where this machine or target lacks something, or there is nothing to deploy: no build was tried. */
	notHere: boolean;
}

const atATime = 2;
const withinMs = 30 * 60_000;
const notHere = new Set(["tool_missing", "target_unsupported", "nothing_deployable", "config_invalid"]);

/** Deploys every repository in a folder (git repositories, or plain folders, one level down) and tells what became of each. */
export async function measure([folder]: readonly string[]): Promise<void> {
	const repositories = folder === undefined ? ownFixtures() : await repositoriesIn(resolve(folder));
	const git = await startGitServer();
	const platform = await startPlatform({ env: { QUAYSIDE_BUILDS: String(atATime) } });
	const rows: Row[] = [];
	const waiting = [...repositories];
	const work = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			const row = await deployOne(next, git, platform);
			rows.push(row);
			console.log(lineOf(row));
		}
	};
	try {
		console.log(
			lineOf({ name: "repository", detected: "detected", built: "built", live: "live", tookMs: "time", missing: "what is missing" }),
		);
		await Promise.all(Array.from({ length: atATime }, work));
	} finally {
		await platform.stop();
		await git.stop();
	}
	summarize(rows);
}

function ownFixtures(): Repository[] {
	return Object.entries(liveFixtures).map(([name, { directory, path }]) => ({ name, folder: fixtureDir(name), directory, path }));
}

async function repositoriesIn(folder: string): Promise<Repository[]> {
	const entries = await readdir(folder, { withFileTypes: true });
	const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
	return folders.map(({ name }) => ({ name: basename(name), folder: join(folder, name) })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function deployOne({ name, folder, directory, path }: Repository, git: GitServer, platform: Platform): Promise<Row> {
	const began = performance.now();
	const row: Row = { name, detected: "–", built: false, live: false, tookMs: 0, missing: "", notHere: false };
	try {
		await git.addFolder(name, folder);
		const deployment = await deploy(platform, git.url(name), { withinMs, ...(directory !== undefined && { directory }) });
		return { ...row, ...(await outcomeOf(deployment, path)), tookMs: performance.now() - began };
	} catch (error) {
		return { ...row, missing: (error as Error).message.split("\n", 1)[0] ?? "", tookMs: performance.now() - began };
	}
}

async function outcomeOf(deployment: DeploymentView, path = "/"): Promise<Partial<Row>> {
	const { plan, error, previewUrl, stages } = deployment;
	const built = stages.some(({ stage, status }) => stage === "build" && status === "succeeded");
	const found = { detected: plan?.framework ?? "–", built };
	if (error !== null) return { ...found, missing: error.message, notHere: notHere.has(error.code) };
	const answer = await getPreview(previewUrl ?? "", path);
	return answer.status < 500 ? { ...found, live: true } : { ...found, missing: `its preview answers with ${answer.status}` };
}

function summarize(rows: readonly Row[]): void {
	const tried = rows.filter((row) => !row.notHere);
	const live = tried.filter((row) => row.live);
	const times = live.map(({ tookMs }) => tookMs);
	say("repositories", `${rows.length}, of which ${rows.length - tried.length} cannot be built here or hold nothing to deploy`);
	say(
		"live, of those that can be",
		`${live.length} of ${tried.length}, ${((100 * live.length) / Math.max(1, tried.length)).toFixed(0)} %`,
		"≥ 95 %",
	);
	if (times.length > 0) say("submit → live, p95", seconds(percentile(times, 0.95)), "< 300 s");
}

const seconds = (tookMs: number) => `${(tookMs / 1000).toFixed(1)} s`;

interface Line {
	name: string;
	detected: string;
	built: boolean | string;
	live: boolean | string;
	tookMs: number | string;
	missing: string;
}

function lineOf({ name, detected, built, live, tookMs, missing }: Line): string {
	const yes = (value: boolean | string) => (typeof value === "string" ? value : value ? "yes" : "no");
	const took = typeof tookMs === "string" ? tookMs : seconds(tookMs);
	return [name.padEnd(28), detected.padEnd(22), yes(built).padEnd(6), yes(live).padEnd(5), took.padStart(8), ` ${missing}`]
		.join(" ")
		.trimEnd();
}
