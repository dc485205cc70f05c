import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { deploy, getPreview } from "../support/deployments.ts";
import { startGitServer } from "../support/git-server.ts";
import { startPlatform } from "../support/platform.ts";
import { median, ms, say } from "./figures.ts";

const rounds = 5;
const fixture = "vite-react-ts";

/** Submit → preview answers, beside the same bare commands by hand; both with warm package caches, in turns. */
export async function measure(): Promise<void> {
	const git = await startGitServer({ fixtures: [fixture] });
	const platform = await startPlatform();
	const folder = await mkdtemp(join(tmpdir(), "quayside-by-hand-"));
	const byHand = async () => {
		const checkout = join(folder, "checkout");
		await rm(checkout, { recursive: true, force: true });
		const began = performance.now();
		await execa("git", ["clone", "--quiet", "--depth", "1", git.url(fixture), checkout]);
		await execa("npm", ["ci", "--no-audit", "--no-fund", "--cache", join(folder, "cache")], { cwd: checkout });
		await execa("npm", ["run", "build"], { cwd: checkout });
		return performance.now() - began;
	};
	const byPlatform = async () => {
		const began = performance.now();
		const { status, previewUrl, error } = await deploy(platform, git.url(fixture));
		if (status !== "succeeded" || !previewUrl) throw new Error(`the deployment ended as ${status}: ${error?.message}`);
		const answer = await getPreview(previewUrl);
		if (answer.status !== 200) throw new Error(`the preview answered ${answer.status}`);
		return performance.now() - began;
	};
	try {
		say("first by hand, cold cache", ms(await byHand()));
		say("first by Quayside, cold cache and toolchain", ms(await byPlatform()));
		const hand: number[] = [];
		const ours: number[] = [];
		for (let round = 0; round < rounds; round++) {
			hand.push(await byHand());
			ours.push(await byPlatform());
		}
		say(`clone, npm ci, build by hand, median of ${rounds}`, ms(median(hand)));
		say(`submit → preview answers, median of ${rounds}`, ms(median(ours)));
		say("ratio", (median(ours) / median(hand)).toFixed(2), "≤ 1.25");
	} finally {
		await platform.stop();
		await git.stop();
		await rm(folder, { recursive: true, force: true });
	}
}
