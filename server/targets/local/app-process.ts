import { mkdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { type StartedApp, startApp } from "../../exec/start-app.ts";
import { createRedactor } from "../../secrets/redact.ts";
import { sandboxPort } from "./app-port.ts";
import type { RotatingLog } from "./rotating-log.ts";
import type { RunnerSpec } from "./runner-spec.ts";

/** An app runs for months: it is looked at seldom. */
const lookEveryMs = 2_000;

/** Starts the app of a release in its sandbox. What it prints goes to the log, without the secrets. */
export async function startLoggedApp(spec: RunnerSpec, log: RotatingLog): Promise<StartedApp> {
	await rm(spec.runsDir, { recursive: true, force: true });
	await mkdir(spec.runsDir, { mode: 0o711 });
	const port = spec.port ?? (spec.host.isolation === "none" ? await freePort() : sandboxPort);
	const clean = { stdout: cleaner(spec.hide), stderr: cleaner(spec.hide) };
	const app = await startApp(
		spec.host,
		{ ...spec.run, env: { ...spec.run.env, PORT: String(port) } },
		{
			socketPath: spec.appSocket,
			port,
			runsDir: spec.runsDir,
			lookEveryMs,
			onOutput: (chunk, from) => log.append(clean[from].push(chunk)),
		},
	);
	const ended = app.ended.then(async (end) => {
		await log.append(clean.stdout.flush() + clean.stderr.flush());
		return end;
	});
	return { ...app, ended };
}

/** Turns the chunks of one stream into text without secrets, whole characters at a time. */
function cleaner(hide: readonly string[]): { push(chunk: Buffer): string; flush(): string } {
	const decoder = new StringDecoder("utf8");
	const redactor = createRedactor(hide);
	return {
		push: (chunk) => redactor.push(decoder.write(chunk)),
		flush: () => redactor.push(decoder.end()) + redactor.flush(),
	};
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}
