import type { StreamEvent } from "../protocol/event.ts";
import type { HoldSpan, StageSpan, UsualTimes } from "../protocol/timing.ts";
import { type DeploymentStatus, type Stage, type StageStatus, stages } from "../protocol/words.ts";
import type { DeploymentState } from "./state.ts";

/** Types of the events that `spansOf` reads; all others tell it nothing. */
export const timedTypes = [
	"stage_started",
	"stage_completed",
	"stage_failed",
	"build_phase_started",
	"status",
	"deployment_completed",
] as const satisfies readonly StreamEvent["type"][];

/** Statuses in which nothing runs until somebody does something. */
const held: ReadonlySet<DeploymentStatus> = new Set(["waiting", "paused"]);

/** Every try at every stage with its phases, and the times between in which the deployment was held, in the order in which they began. */
export function spansOf(events: Iterable<StreamEvent>): { spans: StageSpan[]; holds: HoldSpan[] } {
	const spans: StageSpan[] = [];
	const holds: HoldSpan[] = [];

	const openSpan = (stage: Stage | null): StageSpan | undefined =>
		spans.findLast((span) => span.finishedAt === null && (stage === null || span.stage === stage));

	function endSpan(stage: Stage | null, status: StageStatus, at: string): void {
		const span = openSpan(stage);
		if (!span) return;
		endPhase(span, at);
		span.status = status;
		span.finishedAt = at;
	}

	function endHold(at: string): void {
		const hold = holds.at(-1);
		if (hold) hold.finishedAt ??= at;
	}

	for (const event of events) {
		const { stage, timestamp } = event;
		switch (event.type) {
			case "stage_started":
				endHold(timestamp);
				// A try that was cut off by the end of its machine says nothing of its own end.
				endSpan(null, "failed", timestamp);
				if (stage)
					spans.push({
						stage,
						attempt: event.metadata.attempt,
						status: "running",
						startedAt: timestamp,
						finishedAt: null,
						phases: [],
					});
				break;
			case "build_phase_started": {
				const span = openSpan(stage);
				if (!span) break;
				endPhase(span, timestamp);
				span.phases.push({ phase: event.metadata.phase, startedAt: timestamp, finishedAt: null });
				break;
			}
			case "stage_completed":
				endSpan(stage, event.metadata.skipped ? "skipped" : "succeeded", timestamp);
				break;
			case "stage_failed":
				endSpan(stage, event.metadata.cancelled ? "cancelled" : "failed", timestamp);
				break;
			case "status":
				if (event.metadata.status === undefined) break;
				endHold(timestamp);
				if (held.has(event.metadata.status)) holds.push({ status: event.metadata.status, startedAt: timestamp, finishedAt: null });
				break;
			case "deployment_completed":
				endHold(timestamp);
				endSpan(null, event.metadata.status === "succeeded" ? "succeeded" : event.metadata.status, timestamp);
		}
	}
	return { spans, holds };
}

function endPhase(span: StageSpan, at: string): void {
	const phase = span.phases.at(-1);
	if (phase) phase.finishedAt ??= at;
}

type Timed = Pick<DeploymentState, "queuedAt" | "startedAt" | "finishedAt" | "stages">;

/** From submitting to the start of the work, in ms; null where that has not happened. */
export function queuedMsOf({ queuedAt, startedAt }: Timed): number | null {
	return startedAt === null || queuedAt === "" ? null : Math.max(0, Date.parse(startedAt) - Date.parse(queuedAt));
}

/** From the start of the work to its end, in ms; null where one of them has not happened. */
export function workMsOf({ startedAt, finishedAt }: Timed): number | null {
	return startedAt === null || finishedAt === null ? null : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}

/** What deployments that succeeded took in the middle. Stages that took over an earlier result measure nothing. */
export function usualTimes(deployments: readonly Timed[]): UsualTimes {
	return {
		deployments: deployments.length,
		queuedMs: medianOf(deployments.map(queuedMsOf)),
		workMs: medianOf(deployments.map(workMsOf)),
		stages: stages.map((stage) => {
			const measured = deployments
				.flatMap((deployment) => deployment.stages)
				.filter((candidate) => candidate.stage === stage && candidate.status === "succeeded" && !candidate.reused)
				.map(({ durationMs }) => durationMs);
			return { stage, count: measured.filter((ms) => ms !== null).length, medianMs: medianOf(measured) };
		}),
	};
}

/** The middle of what was measured: of two in the middle, what lies between them. */
function medianOf(values: readonly (number | null)[]): number | null {
	const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
	const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
	return low === undefined || high === undefined ? null : Math.round((low + high) / 2);
}
