import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Holds the path of a Node that is new enough, so that a later start needs neither npm nor the network to find it. */
export const nodePathFile = fileURLToPath(new URL("../node_modules/.cache/quayside/node", import.meta.url));

export function rememberNode(node) {
	mkdirSync(path.dirname(nodePathFile), { recursive: true });
	writeFileSync(nodePathFile, node);
}
