/** Live delivery as the platform wires it, over a Postgres of its own, with real accounts: `node hub-process.ts HOME PORT`. */
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { EventDraft } from "#lib/protocol/index.ts";
import { createAccounts } from "#server/auth/accounts.ts";
import { openDatabase } from "#server/db/database.ts";
import { createLiveRoutes, liveSocketPath } from "#server/http/live.ts";
import { createUpgradeDispatcher } from "#server/http/upgrade.ts";
import { createLive } from "#server/live/hub.ts";
import { createMetrics } from "#server/metrics/metrics.ts";
import { createStreamAccess } from "#server/pipeline/stream-access.ts";
import { Secret } from "#server/secrets/secret.ts";
import { openStreams } from "#server/streams/open.ts";
import { silentLog } from "#tests/support/database.ts";
import { type Emission, emitSteadily } from "./emission.ts";
import { carryOut, clockMs, measureMemory } from "./pinned.ts";

const [home = "", port = "0"] = process.argv.slice(2);
const adminToken = "token-of-the-benchmark-0123456789abcdef";
const database = await openDatabase({ databaseUrl: null, home, log: silentLog });
const { db } = database;
const streams = await openStreams({ ...database, log: silentLog });
const origin = "http://127.0.0.1";
const accounts = createAccounts({ db, publicUrl: origin, allowedOrigins: [], token: new Secret(adminToken), log: silentLog });
await accounts.createAdmin({ email: "admin@example.com", password: new Secret("correct horse battery staple") });
const access = createStreamAccess(db);
const metrics = createMetrics();
const openedAtMs: number[] = [];
const hub = createLive({
	streams,
	bootId: crypto.randomUUID(),
	log: silentLog,
	metrics: {
		...metrics.live,
		opened(transport, via) {
			if (transport === "ws") openedAtMs.push(clockMs());
			metrics.live.opened(transport, via);
		},
	},
	// Streams of the benchmark belong to no deployment; the question is asked all the same.
	authorize: async (principal, stream) => (await access.mayWatch(principal, stream)) || stream.startsWith("deployment/BENCH"),
	snapshot: access.snapshot,
	// All watchers are one person at one address here.
	limits: { maxConnectionsPerUser: 5000, handshakeBurst: 5000 },
});
const routes = createLiveRoutes({ hub, authenticate: accounts.authenticate, allowedOrigins: new Set(), reportError: () => "reference" });
const server = createServer((request, response) => {
	if (!routes.handle(request, response)) response.writeHead(404).end();
});
server.on(
	"upgrade",
	createUpgradeDispatcher({
		preview: { handles: () => false, upgrade: (_request, socket) => socket.destroy() },
		live: { path: liveSocketPath, upgrade: routes.upgrade },
		next: null,
	}),
);
server.listen(Number(port), "127.0.0.1");
await once(server, "listening");

const draftOf = (text: string, asLog = false): EventDraft =>
	asLog
		? { type: "log", content: "", metadata: { first: 1, last: 1, lines: [{ n: 1, at: new Date().toISOString(), from: "stdout", text }] } }
		: { type: "system", content: text, metadata: { message_type: "info" } };
const append = (stream: string, text: string, asLog?: boolean) => streams.write((writer) => writer.append(stream, [draftOf(text, asLog)]));

let hushed = false;
const emissions = new Set<Promise<unknown>>();

carryOut({
	port: () => (server.address() as AddressInfo).port,
	/** A token in the database, looked up there at every connection. */
	token: async () => {
		const principal = await accounts.authenticate({ method: "GET", headers: new Headers({ authorization: `Bearer ${adminToken}` }) });
		if (!principal) throw new Error("the administrator is not known");
		return (await accounts.createToken(principal, { name: "bench", expiresInDays: null })).token;
	},
	/** Answers the seq. */
	append: async ({ stream, text }: { stream: string; text: string }) => (await append(stream, text))[0]?.seq,
	async emit({ stream, ...emission }: Emission & { stream: string }) {
		const running = emitSteadily(
			emission,
			(text) => append(stream, text, emission.asLog),
			databaseCpuMs,
			() => hushed,
		);
		emissions.add(running);
		return running.finally(() => emissions.delete(running));
	},
	/** Ends every emission. */
	hush() {
		hushed = true;
	},
	/** What a deployment at work says, so that clients take it for active. */
	activity: ({ ids }: { ids: string[] }) => {
		const at = new Date().toISOString();
		for (const id of ids)
			streams.activity.set({
				deployment_id: id,
				stage: "build",
				agent_name: "Tester",
				awaiting: "the benchmark",
				since: at,
				last_output_at: at,
				ahead: null,
				at,
			});
	},
	clients: () => hub.status().clients,
	opened: () => openedAtMs.splice(0),
	/** Events in these streams, as their counters say. */
	written: async ({ streams: names }: { streams: string[] }) => {
		const rows = await db.selectFrom("streams").select("last_seq").where("name", "in", names).execute();
		return rows.reduce((sum, row) => sum + row.last_seq, 0);
	},
	databasePid: () => database.serverPid(),
	memory: measureMemory,
});

process.once("SIGTERM", async () => {
	hushed = true;
	await hub.drain(3000);
	await Promise.allSettled(emissions);
	server.close();
	server.closeAllConnections();
	await streams.stop();
	await database.stop();
	process.exit(0);
});

/** Processor time of Postgres so far: the server and all its children. */
async function databaseCpuMs(): Promise<number> {
	const parent = database.serverPid();
	let ticks = 0;
	for (const pid of await readdir("/proc")) {
		if (!/^\d+$/.test(pid)) continue;
		const fields = (await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")).split(") ")[1]?.split(" ") ?? [];
		if (Number(pid) === parent || Number(fields[1]) === parent) ticks += Number(fields[11]) + Number(fields[12]);
	}
	return ticks * 10;
}
