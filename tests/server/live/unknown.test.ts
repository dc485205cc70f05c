import { expect, test } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import type { EventDraft } from "#lib/protocol/index.ts";
import { createMetrics } from "#server/metrics/metrics.ts";
import { liveServers, sentence } from "./live-fixture.ts";
import { clientOf, createReader, seqs, untilStatus, upTo } from "./reader.ts";

const { start, append, onEnd } = liveServers();

/** As a server says it that is newer than the page. */
const ofTomorrow = { type: "weather_changed", content: "It rains.", metadata: { rain: true } } as unknown as EventDraft;

test.each(["ws", "sse", "poll"] as const)(
	"events of types that the page does not know are passed over and counted, once each, over %s (R85)",
	async (transport) => {
		const metrics = createMetrics();
		const server = await start({ metrics: metrics.live });
		if (transport !== "ws") server.faults.refuseUpgrades = 403;
		if (transport === "poll") server.faults.muteSse = true;
		const stream = `deployment/U-${transport}`;
		await append(stream, [sentence(), ofTomorrow]);
		const reader = createReader();
		const another = createReader();
		const client = clientOf(server.origin, "ann", {
			timings: { pingMs: 20, streamBeatMs: 5000, streamHelloMs: transport === "poll" ? 200 : 5000 },
		});
		onEnd(() => client.close());
		for (const { handlers } of [reader, another]) client.subscribe(stream, { epoch: null, after: 0 }, handlers);
		await untilStatus(client, (status) => status.transport === transport);
		await append(stream, [ofTomorrow, ofTomorrow, sentence()]);
		await reader.until(({ events }) => events.length >= 5);
		await another.until(({ events }) => events.length >= 5);
		for (const { events } of [reader, another]) expect(events.map(({ seq }) => seq)).toEqual(upTo(5));
		expect(seqs(reader)).toEqual(upTo(5));
		expect(foldAll("U", reader.events)).toMatchObject({ lastSeq: 5, status: "queued" });
		// Over SSE the server hears of it with the next request.
		if (transport === "sse") client.notify("visible");
		const counted = async () =>
			[...(await metrics.text()).matchAll(/^quayside_live_unknown_events_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
		await expect.poll(counted, { timeout: 10_000 }).toBe(3);
	},
);
