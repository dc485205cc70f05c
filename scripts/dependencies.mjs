import { readFile } from "node:fs/promises";
import { rememberNode } from "./node-path.mjs";
import { npm, Stop, seconds } from "./run.mjs";

/** Installs what package-lock.json names, unless node_modules holds exactly that already. */
export async function installDependencies() {
	if (await installed()) return;
	const began = Date.now();
	console.log("Installing dependencies…");
	const code = await npm(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
	if (code !== 0)
		throw new Stop("Installing the dependencies failed; what npm said stands above. Check the network and run the command again.");
	rememberNode(process.execPath);
	console.log(`Dependencies installed in ${seconds(began)}.`);
}

/** npm keeps a second lockfile of what it really installed; it is written last, so an interrupted install has none. */
async function installed() {
	const lock = JSON.parse(await readFile("package-lock.json", "utf8"));
	const actual = await readFile("node_modules/.package-lock.json", "utf8").then(JSON.parse, () => null);
	if (!actual) return false;
	return Object.entries(lock.packages).every(
		([place, wanted]) => place === "" || wanted.optional || wanted.devOptional || actual.packages[place]?.version === wanted.version,
	);
}
