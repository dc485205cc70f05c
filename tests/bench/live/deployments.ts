import { once } from "node:events";
import WebSocket from "ws";
import { closeCodes, serverFrameSchema, streamOf } from "#lib/protocol/index.ts";
import { followToEnd, submit } from "../../support/deployments.ts";
import { startGitServer } from "../../support/git-server.ts";
import { type Platform, startPlatform } from "../../support/platform.ts";
import { sayDistribution } from "../figures.ts";

const deployments = 6;

/**
 * Age of an event when a WebSocket client holds it, over real deployments. The timestamp is taken before the commit, so that
 * the figure holds the commit as well.
 */
export async function measureDeployments(): Promise<void> {
	const git = await startGitServer({ fixtures: ["plain-http"] });
	const platform = await startPlatform();
	try {
		const states: number[] = [];
		const logs: number[] = [];
		for (let n = 0; n < deployments; n++) {
			const { id } = await submit(platform, git.url("plain-http"));
			const socket = await watch(platform, id, (type, ageMs) => (type === "log" ? logs : states).push(ageMs));
			await followToEnd(platform, id);
			socket.close(closeCodes.normal);
			await once(socket, "close");
		}
		sayDistribution("state event committed → seen by a WebSocket client", states, "≤ 50 ms");
		if (logs.length > 0) sayDistribution("log event (its newest line) → seen", logs);
	} finally {
		await platform.stop();
		await git.stop();
	}
}

/** Only what arrives after the `live` mark counts: what came before it is history. */
async function watch(platform: Platform, id: string, onEvent: (type: string, ageMs: number) => void): Promise<WebSocket> {
	const socket = new WebSocket(`${platform.url.replace("http", "ws")}/live/ws`, {
		headers: { authorization: `Bearer ${platform.token}` },
	});
	let live = false;
	socket.on("message", (data) => {
		const now = Date.now();
		const frame = serverFrameSchema.parse(JSON.parse(String(data)));
		if (frame.t === "live") live = true;
		if (frame.t !== "ev" || !live) return;
		for (const event of frame.e) onEvent(event.type, now - Date.parse(event.timestamp));
	});
	await once(socket, "open");
	socket.send(JSON.stringify({ t: "sub", id: 1, stream: streamOf.deployment(id), after: 0 }));
	return socket;
}
