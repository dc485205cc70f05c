import type { DeploymentMetrics, ModelUsage } from "../protocol/models.ts";
import type { DeploymentState } from "./state.ts";
import { workMsOf } from "./timing.ts";

/** What a deployment took and made: its time, the files it wrote, and what `models` say it has used of them. */
export function metricsOf(state: DeploymentState, models: ModelUsage): DeploymentMetrics {
	return { totalMs: workMsOf(state), filesWritten: filesWritten(state), models };
}

/** What was taken over from an earlier deployment was not written in this one. */
function filesWritten({ stages }: DeploymentState): number | null {
	const write = stages.find(({ stage }) => stage === "write");
	if (write?.status !== "succeeded" && write?.status !== "skipped") return null;
	const { files } = write.facts;
	return write.reused ? 0 : typeof files === "number" ? files : null;
}
