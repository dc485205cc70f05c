import { z } from "zod";
import type { SharedDeployment } from "#lib/deployment/shared.ts";
import type { AgentState, ApprovalState, ArtifactState, DeploymentView, FixState, StageState, TaskState } from "#lib/deployment/state.ts";
import {
	type AnalyticsView,
	type ArtifactHistory,
	type ArtifactView,
	activitySchema,
	agentSchema,
	agentStatusSchema,
	approvalKindSchema,
	approvalPolicySchema,
	approvalStatusSchema,
	type ComparisonView,
	type DeployKeyView,
	type DeploymentRow,
	type DurationView,
	degradedSchema,
	deploymentSourceSchema,
	deploymentStatusSchema,
	type EnvView,
	envScopeSchema,
	eventSchema,
	factsSchema,
	failureSchema,
	fixSchema,
	fixStatuses,
	type ProjectView,
	type PushedView,
	type PushRemote,
	planChoiceSchema,
	planOverridesSchema,
	planSchema,
	projectSettingsSchema,
	type ReleaseChanges,
	type ReleaseView,
	releaseStatusSchema,
	type ShareView,
	stageOutputSchema,
	stageSchema,
	stageStatusSchema,
	type TimingView,
	type TokenView,
	taskSchema,
	type UploadView,
	type UserView,
	type WaitingApproval,
} from "#lib/protocol/index.ts";
import { modelFigures } from "./model-views.ts";

/**
 * What answers are made of, as schemas for the OpenAPI document. Each is bound to the type that clients use, so that one cannot
 * change without the other. The names are those of the document.
 */

const text = z.string();
const time = z.iso.datetime();
const count = z.number().int();

const project: z.ZodType<ProjectView> = z.object({
	id: text,
	slug: text,
	name: text,
	source: z.object({
		type: z.enum(["git", "upload", "brief"]),
		url: text,
		ref: text.nullable(),
		directory: text.nullable(),
		private: z.boolean(),
	}),
	target: text,
	previewUrl: text.nullable(),
	releaseStatus: releaseStatusSchema.nullable(),
	asleep: z.boolean(),
	failure: z.object({ deploymentId: text, message: text }).nullable(),
	createdAt: time,
});

const release: z.ZodType<ReleaseView> = z.object({
	id: text,
	deploymentId: text,
	deploymentNumber: count,
	status: releaseStatusSchema,
	kind: z.enum(["static", "process"]),
	active: z.boolean(),
	asleep: z.boolean(),
	crash: z.object({ message: text, exitCode: count.nullable(), lines: z.array(text) }).nullable(),
	framework: text,
	commit: text.nullable(),
	sizeBytes: count,
	repairs: count,
	createdAt: time,
});

const variable: z.ZodType<EnvView> = z.object({
	name: text,
	value: text.nullable(),
	secret: z.boolean(),
	scope: envScopeSchema,
	updatedAt: time,
});

const deployKey: z.ZodType<DeployKeyView> = z.object({
	publicKey: text,
	fingerprint: text,
	createdAt: time,
	knownHosts: z.array(z.object({ host: text, fingerprint: text, pinnedAt: time })),
});

const pushRemote: z.ZodType<PushRemote> = z.object({ url: text, branch: text, hasToken: z.boolean() });
const pushed: z.ZodType<PushedView> = z.object({ url: text, branch: text, commit: text, unchanged: z.boolean(), files: count });
const upload: z.ZodType<UploadView> = z.object({ id: text, name: text, bytes: count, createdAt: time });
const artifact: z.ZodType<ArtifactView> = z.object({ name: text, mediaType: text, size: count, sha256: text, createdAt: time });
const artifactHistory: z.ZodType<ArtifactHistory> = z.object({
	name: text,
	mediaType: text,
	versions: z.array(z.object({ deploymentId: text, number: count, size: count, sha256: text, createdAt: time })),
});
const user: z.ZodType<UserView> = z.object({ id: text, email: text, name: text, role: z.enum(["admin", "member"]) });
const token: z.ZodType<TokenView> = z.object({
	id: text,
	name: text,
	mayApprove: z.boolean(),
	createdAt: time,
	lastUsedAt: time.nullable(),
	expiresAt: time.nullable(),
});

const projectName = z.object({ id: text, slug: text, name: text });

const deploymentRow: z.ZodType<DeploymentRow> = z.object({
	id: text,
	project: projectName,
	number: count,
	status: deploymentStatusSchema,
	stage: stageSchema.nullable(),
	progress: z.number(),
	text,
	sourceUrl: text,
	ref: text.nullable(),
	commit: text.nullable(),
	previewUrl: text.nullable(),
	errorMessage: text.nullable(),
	queuedAt: time,
	startedAt: time.nullable(),
	finishedAt: time.nullable(),
	ahead: count.nullable(),
	agentStatuses: z.array(text),
});

const duration: z.ZodType<DurationView> = z.object({ count, p50Ms: count, p95Ms: count });

const analytics: z.ZodType<AnalyticsView> = z.object({
	days: count,
	totals: z.object({ succeeded: count, failed: count, cancelled: count, open: count }),
	duration: duration.nullable(),
	queued: duration.nullable(),
	byDay: z.array(z.object({ day: z.iso.date(), succeeded: count, failed: count, cancelled: count })),
	stages: z.array(z.object({ stage: stageSchema, failed: count, duration: duration.nullable() })),
	failures: z.array(z.object({ code: text, cause: text.nullable(), message: text, latest: text, count })),
	models: modelFigures,
});

const stageState: z.ZodType<StageState> = z.object({
	stage: stageSchema,
	agent: agentSchema,
	status: stageStatusSchema,
	attempts: count,
	fence: count.nullable(),
	node: text.nullable(),
	startedAt: time.nullable(),
	finishedAt: time.nullable(),
	durationMs: z.number().nullable(),
	progress: z.number().nullable(),
	text,
	facts: factsSchema,
	output: stageOutputSchema,
	reused: z.boolean(),
	error: failureSchema.nullable(),
});

const agentState: z.ZodType<AgentState> = z.object({
	name: agentSchema,
	status: agentStatusSchema,
	task: text,
	progress: z.number().nullable(),
	response: text.nullable(),
	degraded: degradedSchema.nullable(),
	startedAt: time.nullable(),
	finishedAt: time.nullable(),
});

const taskState: z.ZodType<TaskState> = taskSchema.extend({
	status: z.enum(["pending", "running", "done"]),
	durationMs: z.number().nullable(),
});

const approval: z.ZodType<ApprovalState> = z.object({
	id: text,
	kind: approvalKindSchema,
	stage: stageSchema,
	status: approvalStatusSchema,
	text,
	requestedAt: time,
	answeredAt: time.nullable(),
	by: z.object({ id: text, name: text, via: z.enum(["session", "token"]) }).nullable(),
	note: text.nullable(),
	edited: z.boolean(),
});

const waitingApproval: z.ZodType<WaitingApproval> = z.object({
	id: text,
	kind: approvalKindSchema,
	stage: stageSchema,
	deploymentId: text,
	number: count,
	project: projectName,
	text,
	requestedAt: time,
});

const releaseChanges: z.ZodType<ReleaseChanges> = z.object({
	target: text,
	commit: text.nullable(),
	live: z.object({ deploymentId: text, number: count, commit: text.nullable() }).nullable(),
	env: z.object({ added: z.array(text), removed: z.array(text), changed: z.array(text) }),
	plan: z.array(z.object({ field: text, before: text, after: text })),
});

const artifactState: z.ZodType<ArtifactState> = z.object({ name: text, mediaType: text, size: count, sha256: text });

const fixState: z.ZodType<FixState> = fixSchema.extend({ status: z.enum(fixStatuses) });

const deploymentShape = {
	id: text,
	project: projectName,
	ownerId: text,
	number: count,
	source: deploymentSourceSchema.nullable(),
	target: text,
	retryOf: text.nullable(),
	from: stageSchema.nullable(),
	correlationId: text,
	status: deploymentStatusSchema,
	stage: stageSchema.nullable(),
	stages: z.array(stageState),
	agents: z.array(agentState),
	progress: z.number(),
	plan: planSchema.nullable(),
	alternatives: z.array(planChoiceSchema),
	tasks: z.array(taskState),
	artifacts: z.array(artifactState),
	fixes: z.array(fixState),
	previewUrl: text.nullable(),
	release: text.nullable(),
	speaking: z.object({ message: text, agent: agentSchema, part: count, text }).nullable(),
	error: failureSchema.nullable(),
	approvalPolicy: approvalPolicySchema,
	approvals: z.array(approval),
	planEdit: planOverridesSchema,
	cancelRequestedBy: text.nullable(),
	pauseRequestedBy: text.nullable(),
	stoppedProcesses: count.nullable(),
	isolated: z.boolean(),
	fence: count,
	logLines: count,
	queuedAt: time,
	startedAt: time.nullable(),
	finishedAt: time.nullable(),
	lastEventAt: time,
	lastSeq: count,
	epoch: text,
	activity: activitySchema.nullable(),
};
const deployment: z.ZodType<DeploymentView> = z.object(deploymentShape);

const milliseconds = z.number().nullable();
const phase = z.enum(["toolchain", "install", "build", "collect"]);
const timing: z.ZodType<TimingView> = z.object({
	queuedAt: time,
	startedAt: time.nullable(),
	finishedAt: time.nullable(),
	spans: z.array(
		z.object({
			stage: stageSchema,
			attempt: count,
			status: stageStatusSchema,
			startedAt: time,
			finishedAt: time.nullable(),
			phases: z.array(z.object({ phase, startedAt: time, finishedAt: time.nullable() })),
		}),
	),
	holds: z.array(z.object({ status: deploymentStatusSchema, startedAt: time, finishedAt: time.nullable() })),
	usual: z.object({
		deployments: count,
		queuedMs: milliseconds,
		workMs: milliseconds,
		stages: z.array(z.object({ stage: stageSchema, count, medianMs: milliseconds })),
	}),
	earlier: z.array(z.object({ id: text, number: count, status: deploymentStatusSchema, queuedAt: time, workMs: milliseconds })),
});

const compared = z.object({
	id: text,
	number: count,
	project: z.object({ slug: text, name: text }),
	status: deploymentStatusSchema,
	queuedAt: time,
	queuedMs: milliseconds,
	workMs: milliseconds,
	ref: text.nullable(),
	commit: text.nullable(),
	commitSubject: text.nullable(),
	log: z.object({ lines: count, bytes: count }),
});
const comparedStage = z.object({ status: stageStatusSchema, ms: milliseconds, reused: z.boolean() });
const comparedArtifact = z.object({ size: count, sha256: text }).nullable();
const comparison: z.ZodType<ComparisonView> = z.object({
	one: compared,
	other: compared,
	stages: z.array(z.object({ stage: stageSchema, one: comparedStage, other: comparedStage })),
	plan: z.array(z.object({ name: text, one: text.nullable(), other: text.nullable() })),
	env: z.array(z.object({ name: text, one: z.boolean(), other: z.boolean(), sameValue: z.boolean() })).nullable(),
	artifacts: z.array(z.object({ name: text, one: comparedArtifact, other: comparedArtifact })),
});

const share: z.ZodType<ShareView> = z.object({ id: text, createdAt: time, expiresAt: time, lastOpenedAt: time.nullable() });
const { epoch: _, activity: __, ...state } = deploymentShape;
const shared: z.ZodType<SharedDeployment> = z.object({
	state: z.object(state),
	marks: z.array(z.object({ line: count, at: time })),
	expiresAt: time,
});

export const views = {
	Activity: activitySchema,
	Agent: agentState,
	Analytics: analytics,
	Approval: approval,
	Artifact: artifact,
	ArtifactHistory: artifactHistory,
	Comparison: comparison,
	DeployKey: deployKey,
	PushRemote: pushRemote,
	Push: pushed,
	Deployment: deployment,
	DeploymentRow: deploymentRow,
	Event: eventSchema,
	Failure: failureSchema,
	Plan: planSchema,
	Project: project,
	ProjectSettings: projectSettingsSchema,
	Release: release,
	ReleaseChanges: releaseChanges,
	Share: share,
	SharedDeployment: shared,
	Stage: stageState,
	Timing: timing,
	Token: token,
	Upload: upload,
	User: user,
	Variable: variable,
	WaitingApproval: waitingApproval,
} as const;
