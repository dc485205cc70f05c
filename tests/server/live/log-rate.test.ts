import { once } from "node:events";
import { setInterval as every } from "node:timers/promises";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { isTerminal, type ServerFrame, type StreamEvent, streamOf, succeeded } from "#lib/protocol/index.ts";
import { done, startTestPipeline } from "#tests/support/pipeline.ts";
import { liveServers } from "./live-fixture.ts";
import { upTo } from "./reader.ts";

const live = liveServers();

const linesPerS = 5000;
const seconds = 2;
const mostFramesPerS = 20;

test("5,000 lines a second are at most 20 frames a second to each client, in order, and none is lost (R68)", async () => {
	const server = await live.start({ limits: { coalesceMs: 25 } });
	const begin = Promise.withResolvers<void>();
	let tookMs = 0;
	const pipeline = await startTestPipeline(live.database, async (stage, { reporter }) => {
		if (stage !== "clone") return succeeded(done);
		await begin.promise;
		const startedAt = performance.now();
		let told = 0;
		for await (const _ of every(5)) {
			const due = Math.min(linesPerS * seconds, Math.floor(((performance.now() - startedAt) / 1000) * linesPerS));
			let text = "";
			while (told < due) text += `line ${++told} of a build that says what it does\n`;
			await reporter.output(text, "stdout");
			if (told === linesPerS * seconds) break;
		}
		tookMs = performance.now() - startedAt;
		return succeeded(done);
	});
	live.onEnd(() => pipeline.stop());
	const id = await pipeline.start();
	const watchers = await Promise.all([watch(server.port, id), watch(server.port, id)]);
	begin.resolve();
	await pipeline.until(id, ({ status }) => isTerminal(status));
	for (const { frames, ended } of watchers) {
		await ended;
		const withLines = frames.filter((events) => events.some(({ type }) => type === "log"));
		expect(withLines.length / (tookMs / 1000)).toBeLessThanOrEqual(mostFramesPerS);
		const lines = frames.flat().flatMap((event) => (event.type === "log" ? event.metadata.lines : []));
		expect(lines.map(({ n }) => n)).toEqual(upTo(linesPerS * seconds));
		expect(lines.map(({ text }) => text)).toEqual(lines.map(({ n }) => `line ${n} of a build that says what it does`));
	}
});

/** The events of each frame, from the deployment's first one on. */
async function watch(port: number, id: string): Promise<{ frames: StreamEvent[][]; ended: Promise<void> }> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/live/ws`, { headers: { authorization: "Bearer ann" } });
	live.onEnd(() => socket.terminate());
	const frames: StreamEvent[][] = [];
	const [upToDate, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	socket.on("message", (data) => {
		const frame = JSON.parse(String(data)) as ServerFrame;
		if (frame.t === "ev") frames.push(frame.e as unknown as StreamEvent[]);
		if (frame.t === "live") upToDate.resolve();
		if (frame.t === "end") ended.resolve();
	});
	await once(socket, "open");
	socket.send(JSON.stringify({ t: "sub", id: 1, stream: streamOf.deployment(id), after: 0 }));
	await upToDate.promise;
	return { frames, ended: ended.promise };
}
