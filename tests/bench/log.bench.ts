import { once } from "node:events";
import WebSocket from "ws";
import { closeCodes, type LogLine, type ServerFrame, streamOf } from "#lib/protocol/index.ts";
import { submit } from "../support/deployments.ts";
import { startGitServer } from "../support/git-server.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { median, percentile, say } from "./figures.ts";

const runs = 3;
const lines = 400_000;
/** Sixty characters, as compilers and package managers print them. */
const text = "transforming src/components/button/index.tsx in 12 ms, ok: ";

const project = {
	"package.json": JSON.stringify({ name: "chatty", version: "1.0.0", scripts: { build: "node print.cjs", start: "node server.cjs" } }),
	"print.cjs": `const { writeSync } = require("node:fs");
function print(text) {
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length; ) {
		try { at += writeSync(1, bytes, at); } catch (error) { if (error.code !== "EAGAIN") throw error; }
	}
}
for (let n = 0; n < ${lines}; ) {
	let piece = "";
	for (let end = Math.min(${lines}, n + 500); n < end; n++) piece += ${JSON.stringify(text)} + n + "\\n";
	print(piece);
}`,
	"server.cjs": `require("node:http").createServer((_, answer) => answer.end("ok")).listen(process.env.PORT);`,
};

/**
 * Lines that a build in the sandbox prints as fast as it can, until a WebSocket client holds them, each committed before; and
 * the delay of the server's event loop meanwhile (the interval of its probe, 10 ms, is part of the figure).
 */
export async function measure(): Promise<void> {
	const git = await startGitServer();
	await git.add("chatty", project);
	const platform = await startPlatform();
	try {
		const rates: number[] = [];
		const delays: number[] = [];
		for (let run = 0; run < runs; run++) {
			// An unchanged source would be answered with the build that is there.
			await git.commit("chatty", { "run.txt": String(run) });
			const { perS, lost, twice, p99Ms } = await watchOne(platform, git.url("chatty"));
			rates.push(perS);
			delays.push(p99Ms);
			say(`run ${run + 1}: lines printed → stored → seen`, `${Math.round(perS)} /s`);
			say("  lost, seen twice", `${lost}, ${twice}`, "0, 0");
			say("  event loop delay of the server, p99", `${p99Ms.toFixed(1)} ms`);
		}
		say(`durable log lines, median of ${runs}`, `${Math.round(median(rates))} /s`, "≥ 30000 (aim 80000)");
		say(`event loop delay, p99, greatest of ${runs}`, `${percentile(delays, 1).toFixed(1)} ms`, "≤ 30 ms (aim 20)");
	} finally {
		await platform.stop();
		await git.stop();
	}
}

async function watchOne(platform: Platform, url: string) {
	const { id } = await submit(platform, url);
	const socket = new WebSocket(`${platform.url.replace("http", "ws")}/live/ws`, {
		headers: { authorization: `Bearer ${platform.token}` },
	});
	const seen = new Uint8Array(lines);
	let twice = 0;
	let count = 0;
	let firstAt = 0;
	let lastAt = 0;
	let delay: Promise<number> | null = null;
	const ended = Promise.withResolvers<void>();
	const take = ({ text: line }: LogLine) => {
		if (!line.startsWith(text)) return;
		const n = Number(line.slice(text.length));
		if (seen[n] === 1) twice++;
		seen[n] = 1;
		count++;
	};
	socket.on("message", (data) => {
		const frame = JSON.parse(String(data)) as ServerFrame;
		if (frame.t === "end") ended.resolve();
		if (frame.t !== "ev") return;
		const before = count;
		for (const event of frame.e) if (event.type === "log") for (const line of event.metadata.lines) take(line);
		if (count === before) return;
		lastAt = performance.now();
		// Asking for the figure starts it anew: what came before the first line does not count.
		if (firstAt === 0) {
			firstAt = lastAt;
			void loopDelay(platform);
		}
		if (count >= lines) delay ??= loopDelay(platform);
	});
	await once(socket, "open");
	socket.send(JSON.stringify({ t: "sub", id: 1, stream: streamOf.deployment(id), after: 0 }));
	await ended.promise;
	socket.close(closeCodes.normal);
	await once(socket, "close");
	const lost = seen.filter((flag) => flag === 0).length;
	return { perS: (count / (lastAt - firstAt)) * 1000, lost, twice, p99Ms: await (delay ?? loopDelay(platform)) };
}

/** p99 of the event loop delay since it was asked for last, in ms. */
async function loopDelay(platform: Platform): Promise<number> {
	const metrics = await (await platform.fetch("/api/metrics")).text();
	return Number(/^nodejs_eventloop_lag_p99_seconds ([\d.e-]+)/m.exec(metrics)?.[1] ?? Number.NaN) * 1000;
}
