// npm run quickstart: from a fresh clone to a running platform. Whatever is done already is not done again.
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { buildWebIfChanged } from "./build-web.mjs";
import { installDependencies } from "./dependencies.mjs";
import { main, Stop } from "./run.mjs";
import { findProgram, installPackage } from "./system-packages.mjs";

const host = process.env.HOST || "127.0.0.1";
const port = Number(process.env.PORT || 3000);

await main(async () => {
	await requireGit();
	await requireFreePort();
	await installDependencies();
	await offerSandbox();
	await buildWebIfChanged();
	process.env.NODE_ENV = "production";
	await import(pathToFileURL(path.resolve("server/main.ts")).href);
});

async function requireGit() {
	if ((await findProgram("git")) || (await installPackage("git"))) return;
	throw new Stop("Quayside clones repositories with git, which is not installed. Install git and run the command again.");
}

async function requireFreePort() {
	if (!Number.isInteger(port) || port < 0 || port > 65535) {
		throw new Stop(`PORT is a whole number from 0 to 65535, not "${process.env.PORT}".`);
	}
	const taken = await new Promise((resolve) => {
		const server = net.createServer();
		server.once("error", (error) => resolve(error.code === "EADDRINUSE"));
		server.listen(port, host, () => server.close(() => resolve(false)));
	});
	if (!taken) return;
	const running = await fetch(`http://${host}:${port}/api/health`, { signal: AbortSignal.timeout(2000) })
		.then((response) => response.json())
		.then(
			(health) => health.status === "ok" && typeof health.boot === "string",
			() => false,
		);
	throw new Stop(
		running
			? `Quayside is running on http://localhost:${port} already. To start a second one: PORT=${port + 1} QUAYSIDE_HOME=./data-2 npm run quickstart`
			: `Port ${port} is in use by another program. Choose another one: PORT=${port + 1} npm run quickstart`,
	);
}

async function offerSandbox() {
	if (process.platform !== "linux") {
		console.log("Builds are confined with bubblewrap, which exists on Linux only.");
		return;
	}
	if ((await findProgram("bwrap")) || (await installPackage("bubblewrap"))) return;
	console.log(
		"bubblewrap is not installed, and installing it needs root. Quayside starts, but builds projects only once it is there:\n" +
			"  apt-get install bubblewrap        (or: QUAYSIDE_SANDBOX=none npm run quickstart, to build without confinement)",
	);
}
