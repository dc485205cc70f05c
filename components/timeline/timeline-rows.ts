import type { StageState } from "#lib/deployment/state.ts";
import {
	type BuildPhase,
	type HoldSpan,
	isTerminal,
	type StageSpan,
	type StageStatus,
	stages,
	type TimingView,
} from "#lib/protocol/index.ts";
import { deploymentLooks, stageWords } from "../deployments/words.ts";

/** One line of the timeline. Times are in ms since the deployment was submitted. */
export interface TimelineRow {
	key: string;
	name: string;
	/** `part` is a phase inside the stage above it; `wait` is time in which nothing ran; `none` a stage without a time of its own. */
	kind: "wait" | "stage" | "part" | "none";
	status: StageStatus;
	startMs: number;
	/** Null while it goes on. */
	endMs: number | null;
	/** What it took in the middle of earlier deployments, and of how many. */
	usual: { ms: number; count: number } | null;
	/** Said instead of a time: "reused", "to come". */
	word: string | null;
}

const phaseWords: Readonly<Record<BuildPhase, string>> = {
	toolchain: "Tools",
	install: "Install",
	build: "Build command",
	collect: "Collect",
};

/** The queue, the stages in their order with every try and its phases, and what lay between them. */
export function rowsOf(timing: TimingView, states: readonly StageState[]): TimelineRow[] {
	const at = (time: string): number => Math.max(0, Date.parse(time) - Date.parse(timing.queuedAt));
	const endOf = (time: string | null): number | null => (time === null ? null : at(time));
	const usualOf = (ms: number | null, count: number) => (ms === null || count === 0 ? null : { ms, count });

	const queue: TimelineRow = {
		key: "queue",
		name: "Queue",
		kind: "wait",
		status: timing.startedAt === null && timing.finishedAt === null ? "waiting" : "succeeded",
		startMs: 0,
		endMs: endOf(timing.startedAt ?? timing.finishedAt),
		usual: usualOf(timing.usual.queuedMs, timing.usual.deployments),
		word: null,
	};

	function rowsOfSpan(span: StageSpan): TimelineRow[] {
		const known = timing.usual.stages.find(({ stage }) => stage === span.stage);
		const row: TimelineRow = {
			key: `${span.stage} ${span.attempt}`,
			name: span.attempt > 1 ? `${stageWords[span.stage].name}, try ${span.attempt}` : stageWords[span.stage].name,
			kind: "stage",
			status: span.status,
			startMs: at(span.startedAt),
			endMs: endOf(span.finishedAt),
			usual: known ? usualOf(known.medianMs, known.count) : null,
			word: null,
		};
		const phases = span.phases.map(
			(phase, index): TimelineRow => ({
				key: `${row.key} ${index}`,
				name: phaseWords[phase.phase],
				kind: "part",
				status: index === span.phases.length - 1 ? span.status : "succeeded",
				startMs: at(phase.startedAt),
				endMs: endOf(phase.finishedAt),
				usual: null,
				word: null,
			}),
		);
		return [row, ...phases];
	}

	const rowOfHold = (hold: HoldSpan): TimelineRow => ({
		key: `hold ${hold.startedAt}`,
		name: deploymentLooks[hold.status].label,
		kind: "wait",
		status: "waiting",
		startMs: at(hold.startedAt),
		endMs: endOf(hold.finishedAt),
		usual: null,
		word: null,
	});

	const worked = timing.spans.flatMap(rowsOfSpan);
	const rows = stages.flatMap((stage) => {
		const own = timing.spans.filter((span) => span.stage === stage);
		if (own.length > 0) return own.flatMap(rowsOfSpan);
		return [
			rowWithoutTime(
				stage,
				states.find((state) => state.stage === stage),
			),
		];
	});
	for (const hold of timing.holds.map(rowOfHold)) {
		const next = rows.findIndex(({ kind, startMs }) => kind === "stage" && startMs >= hold.startMs);
		// Before the stage that followed it; behind everything that ran where nothing has followed yet.
		const last = rows.findLastIndex(({ key }) => worked.some((row) => row.key === key));
		rows.splice(next < 0 ? last + 1 : next, 0, hold);
	}
	return [queue, ...rows];
}

function rowWithoutTime(stage: (typeof stages)[number], state: StageState | undefined): TimelineRow {
	const status = state?.status ?? "pending";
	const word = state?.reused ? "reused" : status === "pending" ? "to come" : "not reached";
	const { name } = stageWords[stage];
	return {
		key: stage,
		name,
		kind: "none",
		status,
		startMs: 0,
		endMs: null,
		usual: null,
		word: status === "skipped" && !state?.reused ? "skipped" : word,
	};
}

/** Where the timeline ends, in ms since submitting. */
export function endMsOf(timing: TimingView, status: Parameters<typeof isTerminal>[0], nowMs: number): number {
	const end = isTerminal(status) && timing.finishedAt !== null ? Date.parse(timing.finishedAt) : nowMs;
	return Math.max(1, end - Date.parse(timing.queuedAt));
}

/** How a time compares with what is usual: not a word about what nobody would notice. */
export function differenceOf(ms: number, usualMs: number): "as usual" | { ms: number; than: "longer" | "shorter" } {
	const difference = ms - usualMs;
	if (Math.abs(difference) < Math.max(500, usualMs * 0.1)) return "as usual";
	return { ms: Math.abs(difference), than: difference > 0 ? "longer" : "shorter" };
}
