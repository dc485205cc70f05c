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

/** Starts two processes that do not want to end. */
export const stubborn = builtBy(`process.on("SIGTERM", () => {});
require("node:child_process").spawn("sleep", ["120"]);
console.log("working");
setTimeout(() => {}, 120000);`);
