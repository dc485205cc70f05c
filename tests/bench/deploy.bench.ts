import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { followToEnd, getDeployment, getPreview, submit } from "../support/deployments.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { freePort, type Platform, startPlatform } from "../support/platform.ts";
import { median, ms, say } from "./figures.ts";

const rounds = 5;
const withinMs = 10 * 60_000;

interface Fixture {
	name: string;
	/** After clone and `npm ci`: a build, or a start and its first answer. */
	kind: "site" | "app";
	/** A change of the source that leaves the lockfile as it is. */
	change(round: number): Record<string, string>;
}

const fixtures: readonly Fixture[] = [
	{
		name: "vite-react-ts",
		kind: "site",
		change: (round) => ({ "src/round.ts": `export const round = ${round};\n`, "index.html": page(round) }),
	},
	{ name: "express", kind: "app", change: (round) => ({ "round.js": `export const round = ${round};\n` }) },
];

const page = (round: number) =>
	`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${round}</title></head><body><div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>\n`;

/**
 * Submit → preview answers, beside the same bare commands; both without any cache of the project, in turns. Then the same
 * project once more, unchanged and with a changed file.
 */
export async function measure(): Promise<void> {
	const git = await startGitServer({ fixtures: fixtures.map(({ name }) => name) });
	const platform = await startPlatform();
	const folder = await mkdtemp(join(tmpdir(), "quayside-by-hand-"));
	try {
		for (const fixture of fixtures) await measureFixture(fixture, { git, platform, folder });
	} finally {
		await platform.stop();
		await git.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

interface Bench {
	git: GitServer;
	platform: Platform;
	folder: string;
}

async function measureFixture(fixture: Fixture, bench: Bench): Promise<void> {
	const hand: number[] = [];
	const first: Trip[] = [];
	const unchanged: Trip[] = [];
	const changed: Trip[] = [];
	// What is measured first pays for files that nobody has read yet, on both sides.
	await byHand(fixture, bench);
	await trip(fixture, bench, `${fixture.name}-warm`);
	for (let round = 0; round < rounds; round++) {
		const project = `${fixture.name}-${round}`;
		hand.push(await byHand(fixture, bench));
		first.push(await trip(fixture, bench, project));
		unchanged.push(await trip(fixture, bench, project));
		await bench.git.commit(fixture.name, fixture.change(round));
		changed.push(await trip(fixture, bench, project));
	}
	const answers = (trips: Trip[]) => median(trips.map(({ answersMs }) => answersMs));
	const whole = (trips: Trip[]) => median(trips.map(({ succeededMs }) => succeededMs));
	const ratio = (a: number, b: number) => (a / b).toFixed(2);
	say(`${fixture.name}: by hand, without a cache, median of ${rounds}`, ms(median(hand)));
	say(`${fixture.name}: submit → preview answers, without a cache`, ms(answers(first)));
	say(`${fixture.name}: ratio`, ratio(answers(first), median(hand)), "≤ 1.15");
	say(
		`${fixture.name}: submit → succeeded: first, unchanged, changed`,
		[first, unchanged, changed].map((one) => ms(whole(one))).join(", "),
	);
	say(`${fixture.name}: unchanged ÷ first`, ratio(whole(unchanged), whole(first)), "≤ 0.1");
	say(`${fixture.name}: changed source, same lockfile ÷ first`, ratio(whole(changed), whole(first)), "≤ 0.6");
}

interface Trip {
	/** From the submission until the project's address answers well. */
	answersMs: number;
	succeededMs: number;
}

async function trip({ name }: Fixture, { git, platform }: Bench, project: string): Promise<Trip> {
	const began = performance.now();
	const { id, project: made } = await submit(platform, git.url(name), { project });
	const preview = `http://${made.slug}.localhost:${platform.port}/`;
	const answers = async (): Promise<number> => {
		for (;;) {
			const { status } = await getPreview(preview);
			if (status === 200) return performance.now() - began;
			await delay(20);
		}
	};
	const ends = followToEnd(platform, id, withinMs).then(async () => {
		const succeededMs = performance.now() - began;
		const { status, error } = await getDeployment(platform, id);
		if (status !== "succeeded") throw new Error(`the deployment ended as ${status}: ${error?.message}`);
		return succeededMs;
	});
	const [answersMs, succeededMs] = await Promise.all([Promise.race([answers(), ends]), ends]);
	return { answersMs, succeededMs };
}

async function byHand({ name, kind }: Fixture, { git, folder }: Bench): Promise<number> {
	const checkout = join(folder, "checkout");
	const cache = join(folder, "cache");
	for (const path of [checkout, cache]) await rm(path, { recursive: true, force: true });
	const began = performance.now();
	await execa("git", ["clone", "--quiet", "--depth", "1", git.url(name), checkout]);
	await execa("npm", ["ci", "--no-audit", "--no-fund", "--cache", cache], { cwd: checkout });
	if (kind === "site") await execa("npm", ["run", "build"], { cwd: checkout });
	else await startByHand(checkout);
	return performance.now() - began;
}

/** Starts the app until its first answer, then ends it. */
async function startByHand(checkout: string): Promise<void> {
	const port = await freePort();
	const app = spawn("npm", ["start"], { cwd: checkout, env: { ...process.env, PORT: String(port) }, stdio: "ignore", detached: true });
	try {
		for (;;) {
			const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
			if (answer?.ok) return;
			await delay(10);
		}
	} finally {
		const ended = once(app, "exit");
		if (app.pid) process.kill(-app.pid, "SIGKILL");
		await ended;
	}
}
