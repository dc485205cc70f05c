import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { run, Stop, seconds } from "./run.mjs";
import { sourceFiles } from "./source-files.mjs";

const stampFile = ".next/quayside-sources";
const builtFrom = /^(app|components|lib|public)\/|^(next\.config\.js|postcss\.config\.\w+|package-lock\.json|tsconfig\.json)$/;

/** Builds the pages, unless the last build was made from the very same sources. */
export async function buildWebIfChanged() {
	const stamp = await hashSources();
	if ((await readFile(stampFile, "utf8").catch(() => "")) === stamp) return;
	const began = Date.now();
	console.log("Building the pages…");
	await rm(stampFile, { force: true });
	const code = await run(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
		env: { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
	});
	if (code !== 0) throw new Stop("Building the pages failed; the reason stands above.");
	await writeFile(stampFile, await hashSources());
	console.log(`Pages built in ${seconds(began)}.`);
}

async function hashSources() {
	const hash = createHash("sha256");
	for (const path of await sourceFiles()) {
		if (!builtFrom.test(path)) continue;
		hash
			.update(`${path}\0`)
			.update(await readFile(path))
			.update("\0");
	}
	return hash.digest("hex");
}
