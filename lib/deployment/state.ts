import type { Activity } from "../protocol/activity.ts";
import type { Degraded, DeploymentSource, Facts, Failure, StageOutput } from "../protocol/event.ts";
import type { Fix } from "../protocol/fix.ts";
import type { Plan, PlanChoice, PlanOverrides, Task } from "../protocol/plan.ts";
import {
	type AgentName,
	type AgentStatus,
	type ApprovalKind,
	type ApprovalPolicy,
	type ApprovalStatus,
	agentOfStage,
	agents,
	type DeploymentStatus,
	type FixStatus,
	type Stage,
	type StageStatus,
	stages,
} from "../protocol/words.ts";

/** The fold of a deployment's stream: all that anybody is shown of it. Plain JSON. */
export interface DeploymentState {
	id: string;
	project: { id: string; slug: string; name: string };
	ownerId: string;
	/** 1 for the first deployment of its project. */
	number: number;
	source: DeploymentSource | null;
	target: string;
	retryOf: string | null;
	from: Stage | null;
	correlationId: string;
	status: DeploymentStatus;
	/** The stage that runs, or the last one that did. */
	stage: Stage | null;
	stages: StageState[];
	agents: AgentState[];
	/** 0 to 100, never decreasing, 100 only after success. */
	progress: number;
	plan: Plan | null;
	/** Plans that are possible too. */
	alternatives: PlanChoice[];
	tasks: TaskState[];
	artifacts: ArtifactState[];
	/** Repairs of what failed, oldest first. */
	fixes: FixState[];
	previewUrl: string | null;
	release: string | null;
	/** What an agent is just saying, as far as it has come. */
	speaking: SpeakingState | null;
	error: Failure | null;
	/** What a person must allow in this deployment. */
	approvalPolicy: ApprovalPolicy;
	/** What people were asked, oldest first; at most one waits for an answer. */
	approvals: ApprovalState[];
	/** What people changed about the plan when they approved it. */
	planEdit: PlanOverrides;
	cancelRequestedBy: string | null;
	pauseRequestedBy: string | null;
	stoppedProcesses: number | null;
	/** False once any stage ran without a sandbox, which an administrator allowed. */
	isolated: boolean;
	/** Highest fence given out; only the attempt that holds it may speak. */
	fence: number;
	/** Lines in the log so far. */
	logLines: number;
	queuedAt: string;
	startedAt: string | null;
	finishedAt: string | null;
	lastEventAt: string;
	lastSeq: number;
}

export interface StageState {
	stage: Stage;
	agent: AgentName;
	status: StageStatus;
	/** Tries so far. */
	attempts: number;
	/** Fence of the running attempt, else null. */
	fence: number | null;
	/** Node that runs the attempt, else null. */
	node: string | null;
	startedAt: string | null;
	finishedAt: string | null;
	/** Time spent working, of the last attempt. */
	durationMs: number | null;
	progress: number | null;
	/** What it says now, or what it found: "Cloned web-shop, 214 files, 3.1 MB, 1.8 s". */
	text: string;
	facts: Facts;
	output: StageOutput;
	reused: boolean;
	/** What made its last attempt fail, also while it is to be done again. */
	error: Failure | null;
}

export interface AgentState {
	name: AgentName;
	status: AgentStatus;
	task: string;
	progress: number | null;
	/** The agent's answer when it is done; the beginning of a long one. */
	response: string | null;
	/** Why its answer was made by rules although a model is set up; null where nothing is amiss. */
	degraded: Degraded | null;
	startedAt: string | null;
	finishedAt: string | null;
}

export interface SpeakingState {
	message: string;
	agent: AgentName;
	/** Parts so far. */
	part: number;
	text: string;
}

export interface TaskState extends Task {
	status: "pending" | "running" | "done";
	durationMs: number | null;
}

export interface ArtifactState {
	name: string;
	mediaType: string;
	size: number;
	sha256: string;
}

/** Something a person was asked, and what became of it. */
export interface ApprovalState {
	id: string;
	kind: ApprovalKind;
	/** The stage that may not begin before it is approved. */
	stage: Stage;
	status: ApprovalStatus;
	/** What is asked, as a plain sentence. */
	text: string;
	requestedAt: string;
	answeredAt: string | null;
	/** Who answered, and whether in a browser or by a script that acts for them. */
	by: { id: string; name: string; via: "session" | "token" } | null;
	note: string | null;
	/** True when they changed the plan they approved. */
	edited: boolean;
}

export interface FixState extends Fix {
	status: FixStatus;
}

/** What `GET /api/deployments/:id` answers: the fold, and where the stream stands. */
export interface DeploymentView extends DeploymentState {
	epoch: string;
	activity: Activity | null;
}

/** The state before the first event. */
export function emptyState(id: string): DeploymentState {
	return {
		id,
		project: { id: "", slug: "", name: "" },
		ownerId: "",
		number: 1,
		source: null,
		target: "local",
		retryOf: null,
		from: null,
		correlationId: "",
		status: "queued",
		stage: null,
		stages: stages.map((stage) => ({
			stage,
			agent: agentOfStage[stage],
			status: "pending",
			attempts: 0,
			fence: null,
			node: null,
			startedAt: null,
			finishedAt: null,
			durationMs: null,
			progress: null,
			text: "",
			facts: {},
			output: {},
			reused: false,
			error: null,
		})),
		agents: agents.map((name) => ({
			name,
			status: "idle",
			task: "",
			progress: null,
			response: null,
			degraded: null,
			startedAt: null,
			finishedAt: null,
		})),
		progress: 0,
		plan: null,
		alternatives: [],
		tasks: [],
		artifacts: [],
		fixes: [],
		previewUrl: null,
		release: null,
		speaking: null,
		error: null,
		approvalPolicy: "none",
		approvals: [],
		planEdit: {},
		cancelRequestedBy: null,
		pauseRequestedBy: null,
		stoppedProcesses: null,
		isolated: true,
		fence: 0,
		logLines: 0,
		queuedAt: "",
		startedAt: null,
		finishedAt: null,
		lastEventAt: "",
		lastSeq: 0,
	};
}

/** A state as it is stored, with the fields that were added since a version without them stored it. */
export function wholeState(id: string, stored: DeploymentState): DeploymentState {
	return { ...emptyState(id), ...stored };
}
