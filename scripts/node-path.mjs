import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Holds the path of a Node that is new enough, so that a later start needs neither npm nor the network to find it. */
export const nodePathFile = path.join("node_modules", ".cache", "quayside", "node");

export function rememberNode(node) {
	mkdirSync(path.dirname(nodePathFile), { recursive: true });
	writeFileSync(nodePathFile, node);
}
