import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Applied } from "./case.ts";
import type { StartClient } from "./play-client-case.ts";

/** A client that is a program: it finds its task in the environment and prints what it tells its reader, a line of JSON each. */
export function clientOfCommand([program = "", ...args]: readonly string[]): StartClient {
	return ({ url, stream, epoch, after, over, tell }) => {
		const child = spawn(program, args, {
			stdio: ["ignore", "pipe", "inherit"],
			env: {
				...process.env,
				QUAYSIDE_URL: url,
				QUAYSIDE_TOKEN: "token",
				QUAYSIDE_STREAM: stream,
				QUAYSIDE_EPOCH: epoch ?? "",
				QUAYSIDE_AFTER: String(after),
				QUAYSIDE_OVER: over,
			},
		});
		const exited = once(child, "exit");
		createInterface({ input: child.stdout }).on("line", (line) => tell(JSON.parse(line) as Applied));
		return async () => {
			child.kill("SIGKILL");
			await exited;
		};
	};
}
