import type { StreamEvent } from "../../lib/protocol/index.ts";
import type { Metrics } from "../metrics/metrics.ts";

/** Counts what a deployment's events say: stages that ended, by how long they took, and deployments, by how they ended. */
export function countEvents(metrics: Pick<Metrics, "deployments" | "stageSeconds">, events: readonly StreamEvent[]): void {
	for (const { type, stage, metadata } of events) {
		if (type === "deployment_completed") metrics.deployments.inc({ status: metadata.status });
		if (stage === null) continue;
		if (type === "stage_completed" && !metadata.reused && !metadata.skipped) {
			metrics.stageSeconds.observe({ stage, outcome: "succeeded" }, metadata.duration_ms / 1000);
		}
		if (type === "stage_failed") {
			metrics.stageSeconds.observe({ stage, outcome: metadata.cancelled ? "cancelled" : "failed" }, metadata.duration_ms / 1000);
		}
	}
}
