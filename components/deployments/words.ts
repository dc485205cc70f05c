import type { AgentName, AgentStatus, DeploymentStatus, ReleaseStatus, Stage, StageStatus } from "#lib/protocol/index.ts";
import type { Tone } from "../ui/badge.tsx";

/** What each status is called and how it looks, in one place. Every one has a word and a shape besides its colour. */

export type StatusShape = "clock" | "spinner" | "hand" | "pause" | "check" | "cross" | "ban" | "skip" | "dot" | "typing";

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
