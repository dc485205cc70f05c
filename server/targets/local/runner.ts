/**
 * `node runner.ts`: runs the app of one release, apart from the platform and longer than it. Reads its `RunnerSpec` from
 * standard input, says "ready" on standard output once the app was started, and then answers on its control socket only.
 * Kept small: every app pays for one of these.
 */
import { rename, unlink, writeFile } from "node:fs/promises";
import { flushCompileCache } from "node:module";
import { text } from "node:stream/consumers";
import { readProcess } from "../../exec/process-table.ts";
import type { KillProof } from "../../exec/sandbox.ts";
import type { StartedApp } from "../../exec/start-app.ts";
import { startLoggedApp } from "./app-process.ts";
import { serveControl } from "./control.ts";
import { openRotatingLog } from "./rotating-log.ts";
import type { RunnerSpec } from "./runner-spec.ts";
import { bootId, type RunnerState } from "./runner-state.ts";
import { type AppStatus, explainEnd, superviseApp } from "./supervisor.ts";

const given = await text(process.stdin);
// One that was started ahead of time and is not needed is told nothing.
if (given !== "") await runRelease(JSON.parse(given) as RunnerSpec);

async function runRelease(spec: RunnerSpec): Promise<void> {
	const log = await openRotatingLog(spec.log, spec.logBytes);
	const writeState = await stateWriter(spec.state);
	const ready = Promise.withResolvers<string>();
	let stopAsked = false;
	let shutdown = false;

	// First of all, because this is what keeps a second runner of the release away.
	const control = await serveControl(spec.controlSocket, () => supervisor.status(), stopForGood);
	const supervisor = superviseApp(start, spec.restarts, (status) => {
		// After a shutdown of the machine the app is to come back, so nobody is told that it was stopped.
		if (status.phase !== "stopped" || stopAsked) control.publish(status);
		void log.append(noteOf(status));
		if (status.phase === "running") ready.resolve("ready");
		else if (status.starts === 0) ready.resolve("the app's sandbox could not be started");
	});

	async function start(): Promise<StartedApp> {
		try {
			return await startLoggedApp(spec, log);
		} catch (error) {
			await log.append(`[quayside] The app could not be started: ${(error as Error).message}\n`);
			throw error;
		}
	}

	function stopForGood(): Promise<KillProof> {
		stopAsked = true;
		return supervisor.stop();
	}

	process.on("SIGHUP", () => {});
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		process.on(signal, () => {
			shutdown = true;
			void supervisor.stop();
		});
	}

	await writeState("running", null);
	process.stdout.on("error", () => {});
	const answer = await ready.promise;
	process.stdout.end(`${answer}\n`);
	flushCompileCache();
	if (answer !== "ready") void stopForGood();

	const last = await supervisor.finished;
	if (stopAsked || !shutdown) await writeState(last.phase === "crashed" ? "crashed" : "stopped", last.end?.exitCode ?? null);
	await unlink(spec.appSocket).catch(() => {});
	await log.close();
	await control.close();
}

/** Keeps on the disk who this runner is and how it ended. */
async function stateWriter(path: string): Promise<(phase: RunnerState["phase"], exitCode: number | null) => Promise<void>> {
	const identity = { pid: process.pid, startTime: (await readProcess(process.pid))?.startTime ?? "", boot: await bootId() };
	return async (phase, exitCode) => {
		const state: RunnerState = { ...identity, phase, exitCode };
		await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
		await rename(`${path}.new`, path);
	};
}

function noteOf({ phase, starts, end, retryAt }: AppStatus): string {
	const how = end ? explainEnd(end).message : "The app was not started.";
	if (phase === "running") return `[quayside] ${new Date().toISOString()} The app was started${starts > 1 ? " again" : ""}.\n`;
	if (phase === "stopped") return "[quayside] The app was stopped.\n";
	if (phase === "crashed") return `[quayside] ${how} That was too often: it is not started again.\n`;
	return `[quayside] ${how} It is started again in ${Math.round(((retryAt ?? 0) - Date.now()) / 1000)} s.\n`;
}
