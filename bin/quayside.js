#!/usr/bin/env node
// Plain JavaScript that old versions of Node read, too: it looks at the version and hands over.
import { fileURLToPath } from "node:url";

if (Number(process.versions.node.split(".")[0]) < 24) {
	process.argv.splice(1, 1, "node24.mjs", fileURLToPath(import.meta.url));
	import("../scripts/node24.mjs");
} else {
	import("./cli/main.ts").then(({ main }) => main(process.argv.slice(2)));
}
