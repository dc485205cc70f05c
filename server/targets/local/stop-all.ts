import type { KillProof } from "../../exec/sandbox.ts";
import { answers } from "./control.ts";
import { openReleaseFolders } from "./folders.ts";
import { openReleaseFiles } from "./release-files.ts";
import { isAlive, readRunnerState } from "./runner-state.ts";
import { openRunners } from "./runners.ts";

export interface StoppedApp {
	releaseId: string;
	proof: KillProof;
}

/** Ends every app that runs under this home, whether or not the platform runs, and proves it. They stay stopped. */
export async function stopAllApps(home: string): Promise<StoppedApp[]> {
	const folders = await openReleaseFolders(home);
	const runners = openRunners(folders, { onStatus() {}, onLost() {} }, process.execPath);
	const stopped: StoppedApp[] = [];
	for (const releaseId of await openReleaseFiles(folders, null).list()) {
		const { controlSocket, state } = folders.of(releaseId);
		const left = await readRunnerState(state);
		if (!(await answers(controlSocket)) && !(left && (await isAlive(left)))) continue;
		stopped.push({ releaseId, proof: await runners.stop(releaseId) });
	}
	return stopped;
}
