import type { Serializable } from "node:child_process";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { stopAllApps } from "../../server/targets/local/stop-all.ts";
import { addProject, buildOf, deploy, makeHome, removeHome, startPlatform } from "../server/targets/local-machine.ts";
import { startTestDatabase } from "../support/database.ts";
import { median, say } from "./figures.ts";
import { requestsPerSecond } from "./keep-alive-load.ts";

const connections = 50;
const rounds = 5;
const warmUpMs = 500;
const measureMs = 2_000;
/** A page of an ordinary size. */
const page = `<!doctype html><title>Bench</title>${"<p>Some words of a page.</p>\n".repeat(70)}`;

/**
 * Requests a second through the edge, and straight to what answers behind it, in turns, over the same kind of connection: a Unix
 * socket that is kept. An app is asked at the socket of its sandbox both times.
 */
export async function measure(): Promise<void> {
	const database = await startTestDatabase();
	const home = await makeHome();
	const children: ChildProcess[] = [];
	const start = async (file: string, args: string[], message?: Serializable): Promise<void> => {
		const child = fork(join(import.meta.dirname, file), args, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
		children.push(child);
		if (message !== undefined) child.send(message);
		await once(child, "message");
	};
	try {
		const here = await startPlatform(home, database.db);
		const program = `import { createServer } from "node:http";
			const page = ${JSON.stringify(page)};
			createServer((request, response) => response.setHeader("content-type", "text/html").end(page)).listen(process.env.PORT);`;
		const app = await buildOf(database.db, home, await addProject(database.db, "app"), { "server.mjs": program });
		const site = await buildOf(database.db, home, await addProject(database.db, "site"), { "index.html": page }, { kind: "static" });
		await deploy(here.target, app);
		await deploy(here.target, site);
		await here.close();

		const edge = join(home, "edge.sock");
		const bare = join(home, "site.sock");
		const { password, ...connection } = database.connection;
		await start("edge-process.ts", [home, edge], { ...connection, secret: password?.() });
		await start("site-process.ts", [join(home, "releases", site.id, "site"), bare]);
		await compare("process", edge, join(home, "run", `${app.id}.app`), "app.localhost");
		await compare("static", edge, bare, "site.localhost");
	} finally {
		for (const child of children) {
			child.kill("SIGKILL");
			await once(child, "exit");
		}
		await stopAllApps(home);
		await database.stop();
		await removeHome(home);
	}
}

async function compare(what: string, edge: string, straight: string, host: string): Promise<void> {
	const through: number[] = [];
	const direct: number[] = [];
	const load = { host, path: "/", connections, warmUpMs, measureMs };
	// What Node makes of code that runs often is part of what is measured.
	for (const socketPath of [straight, edge]) await requestsPerSecond({ ...load, socketPath, warmUpMs: 0, measureMs: 8_000 });
	for (let round = 0; round < rounds; round++) {
		direct.push(await requestsPerSecond({ ...load, socketPath: straight }));
		through.push(await requestsPerSecond({ ...load, socketPath: edge }));
	}
	const ratios = through.map((rate, index) => rate / (direct[index] as number));
	say(`${what}: straight to it, median of ${rounds}`, `${median(direct).toFixed(0)}/s`);
	say(`${what}: through the edge`, `${median(through).toFixed(0)}/s`);
	say(`${what}: through the edge ÷ straight to it, median`, median(ratios).toFixed(2), "≥ 0.5, aim 0.8");
	say(`${what}: smallest and greatest`, `${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)}`);
}
