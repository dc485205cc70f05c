import { isAppError } from "../lib/errors.ts";
import { boot } from "./boot.ts";
import { ConfigError, readConfig } from "./env.ts";

/** Longest a stop may take before the process ends all the same, in ms. */
const stopWithinMs = 10_000;

/** Starts the platform, says where it is, and stops it on the first SIGINT or SIGTERM. */
async function main(): Promise<void> {
	const config = await readConfig();
	const platform = await boot(config);
	say(`Quayside is ready on ${platform.url}\nIts data is in ${config.home}`);
	if (platform.setupLink) say(`Create the first account here, once, within 24 hours:\n  ${platform.setupLink}`);
	const { promise: asked, resolve } = Promise.withResolvers<void>();
	// Kept for good: npm passes on a Ctrl-C that the terminal sent here as well, and a second signal must not cut the stop short.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
	await asked;
	await stop(platform).catch((error: unknown) => {
		process.stderr.write(`Quayside could not stop in good order: ${error instanceof Error ? error.message : String(error)}\n`);
		process.exit(1);
	});
}

async function stop(platform: Awaited<ReturnType<typeof boot>>): Promise<void> {
	const overdue = setTimeout(() => {
		say("Stopping took too long; what was going on is picked up at the next start.");
		process.exit(1);
	}, stopWithinMs);
	say("Stopping Quayside.");
	const { runningApps } = await platform.stop();
	clearTimeout(overdue);
	if (runningApps > 0)
		say(
			`${runningApps} deployed ${runningApps === 1 ? "app goes on running. To stop it" : "apps go on running. To stop them"}: npm run apps:stop`,
		);
	process.exit(0);
}

/** For the person at the terminal; the log is structured and elsewhere. */
function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

try {
	await main();
} catch (error) {
	const plain =
		error instanceof ConfigError
			? `Quayside cannot start with these settings:\n${error.message}`
			: isAppError(error)
				? `${error.message} ${error.action}`
				: null;
	process.stderr.write(plain ? `${plain}\n` : `Quayside could not start.\n${error instanceof Error ? error.stack : String(error)}\n`);
	process.exit(1);
}
