import type { ServerResponse } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type LiveMetrics, liveMetrics } from "./live-metrics.ts";

/** What is counted in this process, for Prometheus. */
export interface Metrics {
	/** Counts a request when it has ended: method, class of status ("2xx"), time. Answers that are held open count as well. */
	watch(request: { method?: string }, response: ServerResponse): void;
	/** Ended deployments, by status. */
	readonly deployments: Counter<"status">;
	/** Seconds a stage attempt took, by stage and outcome. */
	readonly stageSeconds: Histogram<"stage" | "outcome">;
	/** AG-UI runs that ended, by how. */
	readonly aguiRuns: Counter<"how">;
	/** Connections that watch, and what they are sent. */
	readonly live: LiveMetrics;
	/** A figure that is read whenever somebody asks; with labels, one value for each. */
	gauge(name: string, help: string, read: () => number | readonly { labels: Record<string, string>; value: number }[]): void;
	/** Everything, as text in the exposition format. */
	text(): Promise<string>;
}

/** Metrics of their own registry: process, memory, garbage collection and event loop delay among them. */
export function createMetrics(): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	return {
		watch: requestMetrics(registers),
		deployments: new Counter({ name: "quayside_deployments_total", help: "Ended deployments.", labelNames: ["status"], registers }),
		stageSeconds: new Histogram({
			name: "quayside_stage_seconds",
			help: "Time a stage attempt took.",
			labelNames: ["stage", "outcome"],
			buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 180, 600, 1800],
			registers,
		}),
		aguiRuns: new Counter({ name: "quayside_agui_runs_total", help: "Ended AG-UI runs.", labelNames: ["how"], registers }),
		live: liveMetrics(registers),
		gauge(name, help, read) {
			const gauge: Gauge = new Gauge({
				name,
				help,
				labelNames: labelNamesOf(read()),
				registers,
				collect() {
					const value = read();
					if (typeof value === "number") return gauge.set(value);
					gauge.reset();
					for (const row of value) gauge.set(row.labels, row.value);
				},
			});
		},
		text: () => registry.metrics(),
	};
}

function requestMetrics(registers: Registry[]): Metrics["watch"] {
	const seconds = new Histogram({
		name: "quayside_http_request_seconds",
		help: "Time from request to the end of its answer.",
		labelNames: ["method", "status"],
		buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
		registers,
	});
	return ({ method }, response) => {
		const stop = seconds.startTimer();
		const known = methods.has(method ?? "") ? method : "other";
		response.once("close", () => void stop({ method: known, status: `${Math.floor(response.statusCode / 100)}xx` }));
	};
}

/** Labels come from a closed list: a client must not be able to make new series. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function labelNamesOf(value: number | readonly { labels: Record<string, string> }[]): string[] {
	return typeof value === "number" ? [] : [...new Set(value.flatMap(({ labels }) => Object.keys(labels)))];
}
