// Runs a script under Node 24: node scripts/node24.mjs [node options] <script> [arguments]
// With Node 24 or newer at hand the script runs right here, in this process. With an older one npm fetches the `node@24`
// package (once; the place is remembered) and the script runs under that. Must itself run under Node 18.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import Module from "node:module";
import { constants } from "node:os";
import path from "node:path";
import { nodePathFile, rememberNode } from "./node-path.mjs";

const wanted = 24;
const rest = process.argv.slice(2);
const scriptAt = rest.findIndex((argument) => !argument.startsWith("-"));
if (scriptAt < 0) fail("usage: node scripts/node24.mjs [node options] <script> [arguments]");

const enough = Number(process.versions.node.split(".")[0]) >= wanted;
if (enough && scriptAt === 0) runHere();
else runUnder(enough ? process.execPath : findNode());

/** One process less: the script becomes the main module of this process. */
function runHere() {
	process.argv.splice(1, rest.length + 1, path.resolve(rest[0]), ...rest.slice(1));
	Module.runMain();
}

function runUnder(node) {
	const child = spawn(node, rest, {
		stdio: "inherit",
		// npm, npx and package scripts started from there find the same Node.
		env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ""}` },
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
		// A terminal sends Ctrl-C to the child as well, so passing it on would make it two.
		process.on(signal, () => {
			if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
		});
	}
	child.on("error", (error) => fail(`Could not start ${node}: ${error.message}`));
	child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

function findNode() {
	if (existsSync(nodePathFile)) {
		const remembered = readFileSync(nodePathFile, "utf8").trim();
		if (existsSync(remembered)) return remembered;
	}
	console.error(`Quayside needs Node ${wanted}; this is ${process.version}. Fetching Node ${wanted} with npm…`);
	const print = "JSON.stringify([process.versions.node, process.execPath])";
	const exec = ["exec", "--yes", "--ignore-scripts=false", `--package=node@${wanted}`, "--", "node", "-p", print];
	const npm = process.env.npm_execpath;
	const [command, ...before] = npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
	const { stdout } = spawnSync(command, [...before, ...exec], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
	const answer = /^\[.*\]$/m.exec(stdout ?? "");
	const [version, node] = answer ? JSON.parse(answer[0]) : ["0", ""];
	if (Number(version.split(".")[0]) < wanted) {
		fail(
			`npm could not fetch Node ${wanted}. Check the network, or install Node ${wanted} from https://nodejs.org and run the command again.`,
		);
	}
	rememberNode(node);
	return node;
}

function fail(text) {
	console.error(text);
	process.exit(1);
}
