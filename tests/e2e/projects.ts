/** Projects made for browser tests: servers without dependencies, so that nothing is downloaded. */

const server = `require("node:http").createServer((_, response) => response.end("hello from the app")).listen(process.env.PORT);`;

/** A server whose build runs `script`, a CommonJS file. */
export function builtBy(script: string): Record<string, string> {
	return {
		"package.json": JSON.stringify({ name: "app", version: "1.0.0", scripts: { build: "node build.js", start: "node server.js" } }),
		"build.js": script,
		"server.js": server,
	};
}

/** Prints a line, is silent for the time, and prints another. */
export function silentFor(seconds: number): Record<string, string> {
	return builtBy(`console.log("thinking"); setTimeout(() => console.log("thought"), ${seconds * 1000});`);
}

/** Prints ten numbered lines a second. */
export function talkingFor(seconds: number): Record<string, string> {
	return builtBy(`let n = 0; const timer = setInterval(() => {
	console.log("step " + ++n);
	if (n === ${seconds * 10}) clearInterval(timer);
}, 100);`);
}

/** Builds only with API_BASE in its environment. */
export const needsVariable = builtBy(`console.log("checking the configuration");
if (!process.env.API_BASE) {
	console.error("Error: API_BASE is not set");
	process.exit(3);
}
console.log("built for " + process.env.API_BASE);`);

/** Can be deployed in two ways: as a server, named by its Procfile, and as the page beside it. */
export const twoWays = {
	"index.html": "<!doctype html><title>two ways</title><p>served as files</p>",
	Procfile: "web: node server.js\n",
	"package.json": JSON.stringify({ name: "two-ways", version: "1.0.0" }),
	"server.js": server,
};

/** Prints what its build was given of two variables, and answers with what the app is given. */
export const showsVariables = {
	"package.json": JSON.stringify({ name: "app", version: "1.0.0", scripts: { build: "node build.js", start: "node server.js" } }),
	"build.js": `console.log("build has", process.env.AT_BUILD ?? "nothing", "and", process.env.AT_RUN ?? "nothing");`,
	"server.js": `require("node:http").createServer((_, response) =>
	response.end("app has " + (process.env.AT_BUILD ?? "nothing") + " and " + (process.env.AT_RUN ?? "nothing"))).listen(process.env.PORT);`,
};

/** Prints each request. Asked for /die it ends, and so does every later start. */
export const mortal = {
	"package.json": JSON.stringify({ name: "app", version: "1.0.0", scripts: { start: "node server.js" } }),
	"server.js": `const { existsSync, writeFileSync } = require("node:fs");
function die() {
	console.error("Error: the harbour is closed");
	process.exit(7);
}
if (existsSync("closed")) die();
console.log("\\u001b[32mopen\\u001b[0m for ships");
require("node:http").createServer(({ url }, response) => {
	console.log("a ship asked for " + url);
	if (url !== "/die") return response.end("hello from the app");
	writeFileSync("closed", "");
	die();
}).listen(process.env.PORT);`,
};

/** Starts two processes that do not want to end. */
export const stubborn = builtBy(`process.on("SIGTERM", () => {});
require("node:child_process").spawn("sleep", ["120"]);
console.log("working");
setTimeout(() => {}, 120000);`);
