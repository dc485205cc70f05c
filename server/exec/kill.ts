import { setTimeout as delay } from "node:timers/promises";
import { readProcess } from "./process-table.ts";
import type { KillProof } from "./sandbox.ts";
import type { Member, Tree } from "./tree.ts";

/** How long a tree may take to disappear after SIGKILL before the rest is reported as left. */
const killBoundMs = 3_000;
const firstLookMs = 2;
const slowestLookMs = 100;

/**
 * Ends a tree: TERM to the project's processes, KILL to all that is left after `graceMs` (0: at once), then looks at the
 * machine's processes until none is left, or says which are.
 */
export async function endTree(tree: Tree, graceMs: number): Promise<KillProof> {
	const started = performance.now();
	let members = await tree.members();
	const stopped = members.filter(({ platform }) => !platform).length;
	if (stopped > 0 && graceMs > 0) {
		await signalAll(
			members.filter(({ platform }) => !platform),
			"SIGTERM",
		);
		members = await lookUntil(tree, started + graceMs, (left) => left.every(({ platform }) => platform));
	}
	const bound = performance.now() + killBoundMs;
	while (members.length > 0 && performance.now() < bound) {
		await signalAll(members, "SIGKILL");
		members = await lookUntil(tree, Math.min(bound, performance.now() + slowestLookMs), (left) => left.length === 0);
	}
	return { stopped, durationMs: Math.round(performance.now() - started), left: members.map(({ pid }) => pid) };
}

/** Looks again and again until the answer is good or the time has come; answers the last look. */
async function lookUntil(tree: Tree, time: number, good: (members: Member[]) => boolean): Promise<Member[]> {
	for (let pauseMs = firstLookMs; ; pauseMs = Math.min(pauseMs * 2, slowestLookMs)) {
		const members = await tree.members();
		const restMs = time - performance.now();
		if (good(members) || restMs <= 0) return members;
		await delay(Math.min(pauseMs, restMs));
	}
}

async function signalAll(members: Member[], signal: NodeJS.Signals): Promise<void> {
	for (const { pid, startTime } of members) {
		if (pid === process.pid || (await readProcess(pid))?.startTime !== startTime) continue;
		try {
			process.kill(pid, signal);
		} catch {
			// Gone in the meantime: the next look tells.
		}
	}
}
