import { spawn } from "node:child_process";

/** Runs a program with this terminal as its own; resolves with its exit code. */
export function run(command, args, { env = {}, quiet = false } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: quiet ? "ignore" : ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
		child.on("error", reject);
		child.on("exit", (code) => resolve(code ?? 1));
	});
}

/** Runs npm under this very Node, whichever npm started us. */
export function npm(args) {
	const cli = process.env.npm_execpath;
	return cli?.endsWith(".js") ? run(process.execPath, [cli, ...args]) : run("npm", args);
}

export const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Ends the script with a plain sentence instead of a stack. */
export class Stop extends Error {}

/** Runs a script's main function; a `Stop` is printed as it is. */
export async function main(story) {
	try {
		await story();
	} catch (error) {
		console.error(error instanceof Stop ? `\n${error.message}` : error);
		process.exitCode = 1;
	}
}
