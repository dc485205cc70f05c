// npm run check: format, lint, types, dependency table, environment, dead code. Prints one line a step, and what a failed one said.
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { seconds } from "./run.mjs";

const bin = (path, ...args) => [process.execPath, [`node_modules/${path}`, ...args]];
const rooms = ["lib", "server", "app", "components", "bin", "next.config.js"];

const began = Date.now();
if (!(await exists("next-env.d.ts"))) await carryOut("route types", bin("next/dist/bin/next", "typegen"));

// Types take longest and want a core of their own; the others share the second one.
const [types, others] = await Promise.all([carryOut("types", bin("typescript/bin/tsc", "--noEmit", "-p", ".")), oneAfterTheOther()]);
const passed = types && others;
console.log(passed ? `\nAll checks passed in ${seconds(began)}.` : `\nSome checks failed (${seconds(began)}).`);
process.exitCode = passed ? 0 : 1;

async function oneAfterTheOther() {
	const present = [];
	for (const room of rooms) if (await exists(room)) present.push(room);
	const results = [
		await carryOut("format and lint", bin("@biomejs/biome/bin/biome", "check", "--max-diagnostics=100", ".")),
		await carryOut(
			"who may import whom",
			bin("dependency-cruiser/bin/dependency-cruiser.mjs", ...present, "--config", ".dependency-cruiser.cjs"),
		),
		await carryOut("environment", [process.execPath, ["scripts/check-env.mjs"]]),
		await carryOut("dead code", bin("knip/bin/knip.js", "--no-progress", "--no-config-hints")),
	];
	return results.every(Boolean);
}

async function carryOut(name, [command, args]) {
	const since = Date.now();
	const { code, output } = await collect(command, args);
	console.log(`${code === 0 ? "✓" : "✗"} ${name}  ${seconds(since)}`);
	if (code !== 0) console.log(output.trimEnd().replace(/^/gm, "    "));
	return code === 0;
}

function collect(command, args) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
		const chunks = [];
		for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
		child.on("error", reject);
		child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
	});
}

async function exists(path) {
	return access(path).then(
		() => true,
		() => false,
	);
}
