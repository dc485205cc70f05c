import type { AgentName, AgentStatus, DeploymentStatus, ReleaseStatus, ReleaseView, Stage, StageStatus } from "#lib/protocol/index.ts";
import type { Tone } from "../ui/badge.tsx";

/** What each status is called and how it looks, in one place. Every one has a word and a shape besides its colour. */

export type StatusShape = "clock" | "spinner" | "hand" | "pause" | "check" | "cross" | "ban" | "skip" | "dot" | "moon" | "typing";

export interface StatusLook {
	label: string;
	tone: Tone;
	shape: StatusShape;
}

export const deploymentLooks: Readonly<Record<DeploymentStatus, StatusLook>> = {
	queued: { label: "Queued", tone: "neutral", shape: "clock" },
	running: { label: "Running", tone: "info", shape: "spinner" },
	waiting: { label: "Needs you", tone: "warning", shape: "hand" },
	paused: { label: "Paused", tone: "warning", shape: "pause" },
	succeeded: { label: "Succeeded", tone: "success", shape: "check" },
	failed: { label: "Failed", tone: "danger", shape: "cross" },
	cancelled: { label: "Cancelled", tone: "neutral", shape: "ban" },
};

export const stageLooks: Readonly<Record<StageStatus, StatusLook>> = {
	pending: { label: "To come", tone: "neutral", shape: "dot" },
	running: { label: "Running", tone: "info", shape: "spinner" },
	waiting: { label: "Needs you", tone: "warning", shape: "hand" },
	succeeded: { label: "Done", tone: "success", shape: "check" },
	failed: { label: "Failed", tone: "danger", shape: "cross" },
	skipped: { label: "Skipped", tone: "neutral", shape: "skip" },
	cancelled: { label: "Cancelled", tone: "neutral", shape: "ban" },
};

export const agentLooks: Readonly<Record<AgentStatus, StatusLook>> = {
	idle: { label: "Idle", tone: "neutral", shape: "dot" },
	thinking: { label: "Thinking", tone: "info", shape: "typing" },
	working: { label: "Working", tone: "info", shape: "typing" },
	waiting: { label: "Waiting", tone: "warning", shape: "hand" },
	done: { label: "Done", tone: "success", shape: "check" },
	failed: { label: "Failed", tone: "danger", shape: "cross" },
	skipped: { label: "Skipped", tone: "neutral", shape: "skip" },
};

export const releaseLooks: Readonly<Record<ReleaseStatus, StatusLook>> = {
	starting: { label: "Starting", tone: "info", shape: "spinner" },
	live: { label: "Live", tone: "success", shape: "check" },
	crashed: { label: "Crashed", tone: "danger", shape: "cross" },
	stopped: { label: "Stopped", tone: "neutral", shape: "pause" },
	lost: { label: "Lost", tone: "danger", shape: "ban" },
};

/** A release that was stopped because nobody asked for it, and wakes by itself. */
export const asleepLook: StatusLook = { label: "Asleep", tone: "neutral", shape: "moon" };

/** Where the release of a deployment that succeeded stands by now. `replaced`: another one is in use, or it is no longer kept. */
export type ReleaseStanding = "live" | "crashed" | "stopped" | "asleep" | "lost" | "replaced";

export const standingWords: Readonly<Record<ReleaseStanding, { title: string; sentence: string }>> = {
	live: { title: "✓ Live", sentence: "" },
	crashed: { title: "✕ Crashed", sentence: "Its app has crashed since." },
	stopped: { title: "‖ Stopped", sentence: "It has been stopped since." },
	asleep: { title: "✓ Asleep", sentence: "It sleeps until the next visitor." },
	lost: { title: "✕ Lost", sentence: "Its release is lost: deploy again." },
	replaced: { title: "✓ Succeeded", sentence: "Another release is in use by now." },
};

/** Where a deployment's release stands among those of its project: the one it made, or went on with where nothing had changed. */
export function standingOf(releases: readonly ReleaseView[], releaseId: string | null): ReleaseStanding {
	const release = releases.find(({ id, active }) => id === releaseId && active);
	if (!release) return "replaced";
	if (release.asleep) return "asleep";
	return release.status === "starting" ? "live" : release.status;
}

export const stageWords: Readonly<Record<Stage, { name: string; doing: string }>> = {
	clone: { name: "Clone", doing: "Cloning" },
	analyze: { name: "Analyze", doing: "Analyzing" },
	plan: { name: "Plan", doing: "Planning" },
	write: { name: "Write", doing: "Writing" },
	build: { name: "Build", doing: "Building" },
	test: { name: "Test", doing: "Testing" },
	deploy: { name: "Deploy", doing: "Deploying" },
	verify: { name: "Verify", doing: "Verifying" },
};

export const agentRoles: Readonly<Record<AgentName, string>> = {
	Analyst: "Clones and reads the source",
	Architect: "Plans build and run",
	Developer: "Writes what is missing",
	Tester: "Builds and tests",
	Deployer: "Brings it live and checks",
};

/** True while an agent is at work. */
export function isAtWork(status: AgentStatus): boolean {
	return status === "thinking" || status === "working";
}
