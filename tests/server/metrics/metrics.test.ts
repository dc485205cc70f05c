import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createMetrics } from "#server/metrics/metrics.ts";

it("tells of the process, of what was counted and of what is read on demand", async () => {
	const metrics = createMetrics();
	let waiting = 2;
	metrics.gauge("quayside_queue_length", "Deployments that wait.", () => waiting);
	metrics.gauge("quayside_connections", "Open connections.", () => [{ labels: { transport: "ws" }, value: waiting }]);
	metrics.deployments.inc({ status: "failed" });
	metrics.stageSeconds.observe({ stage: "build", outcome: "succeeded" }, 3);
	metrics.live.opened("sse", "silent");
	metrics.live.opened("sse", null);
	metrics.live.closed("sse", 4008);
	metrics.live.subscribed("sse", "resumed");
	metrics.live.refused("rate_limited");
	metrics.live.sent("sse", "ev", 120);
	metrics.live.undelivered("ws", "behind");
	metrics.live.unknown("poll", 3);
	const response = new ServerResponse(new IncomingMessage(new Socket()));
	metrics.watch({ method: "BREW" }, response);
	response.statusCode = 418;
	response.emit("close");
	waiting = 5;
	const text = await metrics.text();
	for (const line of [
		"quayside_queue_length 5",
		'quayside_connections{transport="ws"} 5',
		'quayside_deployments_total{status="failed"} 1',
		'quayside_stage_seconds_bucket{le="5",stage="build",outcome="succeeded"} 1',
		'quayside_live_connections{transport="sse"} 1',
		'quayside_http_request_seconds_count{method="other",status="4xx"} 1',
		'quayside_live_fallbacks_total{transport="sse",via="silent"} 1',
		'quayside_live_closed_total{transport="sse",code="4008"} 1',
		'quayside_live_subscriptions_total{transport="sse",outcome="resumed"} 1',
		'quayside_live_refused_total{reason="rate_limited"} 1',
		'quayside_live_bytes_total{transport="sse"} 120',
		'quayside_live_undelivered_total{transport="ws",outcome="behind"} 1',
		'quayside_live_unknown_events_total{transport="poll"} 3',
	]) {
		expect(text).toContain(line);
	}
	expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
	expect(text).toMatch(/^process_resident_memory_bytes \d/m);
});

it("keeps two registries apart", async () => {
	const [one, other] = [createMetrics(), createMetrics()];
	one.deployments.inc({ status: "failed" });
	expect(await other.text()).not.toContain('status="failed"');
});

it("tells what work costs while there is some: processor time, and how long the event loop was held up (R67)", async () => {
	const metrics = createMetrics();
	const read = async () => {
		const text = await metrics.text();
		return (name: string): number => Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
	};
	const before = await read();
	const [rounds, roundS] = [5, 0.1];
	for (let round = 0; round < rounds; round++) {
		const used = process.cpuUsage();
		while (process.cpuUsage(used).user < roundS * 1e6) JSON.stringify(process.versions);
		await turn();
	}
	const after = await read();
	expect(after("process_cpu_seconds_total") - before("process_cpu_seconds_total")).toBeGreaterThanOrEqual(rounds * roundS);
	expect(after("nodejs_eventloop_lag_max_seconds")).toBeGreaterThan(roundS * 0.9);
	expect(after("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThan(roundS * 0.9);
});
