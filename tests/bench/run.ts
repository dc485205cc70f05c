import { readdir, writeFile } from "node:fs/promises";
import { type Row, rows, sayMachine } from "./figures.ts";

/**
 * npm run bench [name …] [-- folder]: measures and prints, marks each goal that was missed, and ends with 1 when there was one. Without a
 * name it lists what there is; `all` runs everything. With BENCH_JSON=FILE the figures are written there as well.
 */
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
	const results: (Row & { bench: string })[] = [];
	for (const name of chosen) {
		console.log(`── ${name}`);
		const { measure } = (await import(new URL(`${name}${suffix}`, here).href)) as {
			measure: (folders: readonly string[]) => Promise<void>;
		};
		await measure(folders);
		results.push(...rows.splice(0).map((row) => ({ bench: name, ...row })));
		console.log("");
	}
	const missed = results.filter(({ met }) => met === false);
	console.log(`${results.filter(({ met }) => met).length} goals met, ${missed.length} missed`);
	if (process.env.BENCH_JSON) await writeFile(process.env.BENCH_JSON, `${JSON.stringify(results, null, "\t")}\n`);
	if (missed.length > 0) process.exitCode = 1;
}
