import type { ArtifactView } from "./api.ts";
import type { Metadata } from "./event.ts";
import type { DeploymentStatus, Stage, StageStatus } from "./words.ts";

/** When things happened in a deployment, as it was recorded, and how that compares with others of its project. */

export type BuildPhase = Metadata<"build_phase_started">["phase"];

export interface PhaseSpan {
	phase: BuildPhase;
	startedAt: string;
	/** Null while it goes on. */
	finishedAt: string | null;
}

/** One try at a stage. */
export interface StageSpan {
	stage: Stage;
	attempt: number;
	status: StageStatus;
	startedAt: string;
	finishedAt: string | null;
	phases: PhaseSpan[];
}

/** A time in which nothing ran because the deployment was paused or waited for somebody. */
export interface HoldSpan {
	status: DeploymentStatus;
	startedAt: string;
	finishedAt: string | null;
}

/** Medians of the newest earlier deployments of the project that succeeded; null where nothing was measured. */
export interface UsualTimes {
	/** How many there were. */
	deployments: number;
	queuedMs: number | null;
	/** From the start of the work to success. */
	workMs: number | null;
	/** All stages; `count` of those that did their work anew. */
	stages: { stage: Stage; count: number; medianMs: number | null }[];
}

export interface TimingView {
	queuedAt: string;
	startedAt: string | null;
	finishedAt: string | null;
	spans: StageSpan[];
	holds: HoldSpan[];
	usual: UsualTimes;
	/** The newest earlier deployments of the project, newest first, however they ended. */
	earlier: { id: string; number: number; status: DeploymentStatus; queuedAt: string; workMs: number | null }[];
}

/** One of two deployments that are compared. */
export interface ComparedDeployment {
	id: string;
	number: number;
	project: { slug: string; name: string };
	status: DeploymentStatus;
	queuedAt: string;
	/** From submitting to the start of the work, and from there to the end. */
	queuedMs: number | null;
	workMs: number | null;
	ref: string | null;
	commit: string | null;
	commitSubject: string | null;
	log: { lines: number; bytes: number };
}

export interface ComparedStage {
	status: StageStatus;
	ms: number | null;
	reused: boolean;
}

/** Two deployments beside each other: `one` is the one that was asked for, `other` the one it is compared with. */
export interface ComparisonView {
	one: ComparedDeployment;
	other: ComparedDeployment;
	stages: { stage: Stage; one: ComparedStage; other: ComparedStage }[];
	/** Facts of the plans by their names for people; null where a deployment has none. */
	plan: { name: string; one: string | null; other: string | null }[];
	/** Names of the variables their releases were made with, never a value; null where one of them made no release. */
	env: { name: string; one: boolean; other: boolean; sameValue: boolean }[] | null;
	artifacts: { name: string; one: ComparedArtifact | null; other: ComparedArtifact | null }[];
}
type ComparedArtifact = Pick<ArtifactView, "size" | "sha256">;
