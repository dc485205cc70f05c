// npm run apps:stop: ends every app of this home, whether the platform runs or not.
import { readdir } from "node:fs/promises";
import { readConfig } from "../server/env.ts";
import { openReleaseFolders } from "../server/targets/local/folders.ts";
import { connectToRunner } from "../server/targets/local/runner-link.ts";
import { main, Stop } from "./run.mjs";

const ignore = { onStatus() {}, onGone() {} };

await main(async () => {
	const { home } = await readConfig();
	const folders = await openReleaseFolders(home);
	const results = await Promise.allSettled((await readdir(folders.releases)).map((release) => stopApp(folders.of(release).controlSocket)));
	const failed = results.filter(({ status }) => status === "rejected");
	const stopped = results.filter(({ value }) => value === true).length;
	console.log(`${stopped} ${stopped === 1 ? "app" : "apps"} stopped.`);
	if (failed.length > 0) throw new Stop(`${failed.length} could not be stopped: ${failed.map(({ reason }) => reason.message).join("; ")}`);
});

/** True when an app ran and has ended; false when none answered. */
async function stopApp(controlSocket) {
	const runner = await connectToRunner(controlSocket, ignore);
	if (!runner) return false;
	try {
		const { left } = await runner.stop();
		if (left.length > 0) throw new Error(`processes ${left.join(", ")} are left`);
		return true;
	} finally {
		runner.close();
	}
}
