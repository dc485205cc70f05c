import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureDeployments } from "./live/deployments.ts";
import { measureFanOut, type Peer, startPeer } from "./live/fan-out.ts";
import { measureFew, measureHandshakes, measureSlowReaders } from "./live/latency.ts";
import { type Pinned, startPinned } from "./live/pinned.ts";
import { measureCuts, measureRestart } from "./live/recovery.ts";

/**
 * Live delivery beside others that deliver live, all in the same run, the servers on one core and the clients on the other. Ours is
 * durable: each event is committed to a real Postgres before it is sent, and every watcher is authenticated and can resume.
 * `LIVE_PARTS=slow,restart` measures only these: fan, few, hello, slow, cuts, restart, deployments.
 */
export async function measure(): Promise<void> {
	const asked = process.env.LIVE_PARTS?.split(",");
	const part = async (name: string, work: () => Promise<void>) => {
		if (!asked || asked.includes(name)) await work();
	};
	const home = await mkdtemp(join(tmpdir(), "quayside-bench-"));
	const clients = await startPinned("watch-process.ts", "client");
	const startHub = (port: number) => startPinned("hub-process.ts", "server", home, String(port));
	const others: Peer[] = [];
	let hub: Pinned = await startHub(0);
	try {
		const port = await hub.ask<number>("port");
		const token = await hub.ask<string>("token");
		const ours: Peer = { wire: "ours", server: hub, port, token };
		await part("fan", async () => {
			for (const wire of ["ws", "socket.io", "better-sse"] as const) others.push(await startPeer(wire));
			await measureFanOut([ours, { ...ours, wire: "ours-sse" }, ...others], clients);
			for (const { server } of others) await server.end();
		});
		await part("few", () => measureFew(ours, clients));
		await part("hello", () => measureHandshakes(ours, clients));
		await part("slow", () => measureSlowReaders(ours, clients));
		await part("cuts", () => measureCuts(hub, port, token));
		await part("restart", async () => {
			hub = await measureRestart(hub, port, token, async () => {
				await hub.end();
				hub = await startHub(port);
				return hub;
			});
		});
	} finally {
		for (const { server } of others) await server.end();
		await hub.end();
		await clients.end();
		await rm(home, { recursive: true, force: true });
	}
	await part("deployments", measureDeployments);
}
