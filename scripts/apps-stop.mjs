// npm run apps:stop: ends every app of this home, whether the platform runs or not.
import { readConfig } from "../server/env.ts";
import { stopAllApps } from "../server/targets/local/stop-all.ts";
import { main, Stop } from "./run.mjs";

await main(async () => {
	const { home } = await readConfig();
	const stopped = await stopAllApps(home);
	for (const { releaseId, proof } of stopped)
		console.log(
			`${releaseId}: stopped ${proof.stopped} ${proof.stopped === 1 ? "process" : "processes"} in ${(proof.durationMs / 1000).toFixed(1)} s.`,
		);
	// Another QUAYSIDE_HOME has apps of its own: “0 apps stopped.” alone would say that there are none.
	console.log(`${stopped.length} ${stopped.length === 1 ? "app" : "apps"} of ${home} stopped.`);
	const left = stopped.flatMap(({ proof }) => proof.left);
	if (left.length > 0) throw new Stop(`processes ${left.join(", ")} are left`);
});
