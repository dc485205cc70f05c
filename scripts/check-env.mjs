// One place reads the environment: server/env.ts parses it once, boot hands the values on. Prints every other reader and exits 1.
import { readFile } from "node:fs/promises";
import { sourceFiles } from "./source-files.mjs";

const reads = /\bprocess\s*\.\s*env\b|\bimport\.meta\.env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|from\s+"node:process"/;
/** Next writes the value into the bundle when it builds. */
const inlined = /process\.env\.NODE_ENV/g;
const checked = /^(lib|server|app|components|bin)\/.*\.(ts|tsx|js|mjs|cjs)$/;
/** `inside/` runs in the sandbox, whose environment is made for it. The command line is a program of its own, and reads its own once. */
const allowed = /^server\/(env\.ts$|exec\/inside\/)|^bin\/cli\/main\.ts$/;

const found = [];
for (const path of await sourceFiles()) {
	if (!checked.test(path) || allowed.test(path)) continue;
	const lines = (await readFile(path, "utf8")).split("\n");
	lines.forEach((line, index) => {
		if (reads.test(path.startsWith("server/") ? line : line.replace(inlined, "")) && !/^\s*(\*|\/\/|\/\*)/.test(line))
			found.push(`${path}:${index + 1}  ${line.trim()}`);
	});
}

if (found.length > 0) {
	console.error("Only server/env.ts reads process.env; boot hands the values on. Found:");
	for (const place of found) console.error(`  ${place}`);
	process.exitCode = 1;
}
