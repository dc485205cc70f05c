import { readdir } from "node:fs/promises";
import { sayMachine } from "./figures.ts";

/** npm run bench [name …] [-- folder]: measures and prints. Without a name it lists what there is; `all` runs everything. */
const suffix = ".bench.ts";
const here = new URL(".", import.meta.url);
const known = (await readdir(here)).filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
const isFolder = (word: string) => word.includes("/") || word.startsWith(".");
const asked = process.argv.slice(2).filter((word) => !isFolder(word));
const folders = process.argv.slice(2).filter(isFolder);
const chosen = asked.includes("all") ? known : asked;
const unknown = chosen.filter((name) => !known.includes(name));

if (chosen.length === 0 || unknown.length > 0) {
	if (unknown.length > 0) console.error(`There is no benchmark named ${unknown.join(", ")}.`);
	console.log(`npm run bench <name>, with one or more of: ${known.join(", ")}, all`);
	process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
	sayMachine();
	for (const name of chosen) {
		console.log(`── ${name}`);
		const { measure } = (await import(new URL(`${name}${suffix}`, here).href)) as {
			measure: (folders: readonly string[]) => Promise<void>;
		};
		await measure(folders);
		console.log("");
	}
}
