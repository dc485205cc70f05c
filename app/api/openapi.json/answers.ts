import { z } from "zod";
import {
	fixSchema,
	type LogPage,
	logEntrySchema,
	type RuntimeLog,
	resetReasons,
	type StoryPage,
	systemSettingsSchema,
	type Timeline,
	transportReasons,
} from "#lib/protocol/index.ts";
import type { LiveClient, LiveStatus } from "#lib/services.ts";
import { deploymentMetrics, modelsView, modelTest, modelUsage } from "./model-views.ts";
import { views } from "./views.ts";

const text = z.string();
const time = z.iso.datetime();

const started = z.object({ deployment: views.Deployment, events: z.array(views.Event) });
const oneDeployment = z.object({ deployment: views.Deployment });
const oneRelease = z.object({ release: views.Release });
const oneUser = z.object({ user: views.User });

const liveStatus: z.ZodType<LiveStatus> = z.object({
	status: z.enum(["ok", "full", "draining"]),
	clients: z.number().int(),
	maxConnections: z.number().int(),
	byTransport: z.object({ ws: z.number().int(), sse: z.number().int(), poll: z.number().int() }),
	subscriptions: z.number().int(),
	parked: z.number().int(),
	lagS: z.number(),
	bufferedBytes: z.number().int(),
	pendingMessages: z.number().int(),
	dropped: z.number().int(),
	closed: z.record(text, z.number().int()),
	uptimeS: z.number(),
	boot: text,
	timestamp: time,
});

const liveClient: z.ZodType<LiveClient> = z.object({
	id: text,
	transport: z.enum(["ws", "sse", "poll"]),
	userId: text,
	since: time,
	userAgent: text,
	via: z.enum([...transportReasons, "other"]).nullable(),
	subscriptions: z.array(text),
	bufferedBytes: z.number().int(),
	lagS: z.number(),
});

const runtimeLog: z.ZodType<RuntimeLog> = z.object({ log: text, cursor: text, reset: z.boolean() });

const logPage: z.ZodType<LogPage> = z.object({ first: z.number().int(), last: z.number().int(), lines: z.array(logEntrySchema) });
const story: z.ZodType<StoryPage> = z.object({ events: z.array(views.Event), next: z.number().int().nullable() });
const timeline: z.ZodType<Timeline> = z.object({ events: z.array(views.Event), more: z.boolean() });

/** What each call that succeeds answers as JSON, by the name of its operation. */
export const answers: Readonly<Record<string, z.ZodType>> = {
	createDeployment: started,
	buildPreviewForNewProject: z.object({ buildId: text, deployment: views.Deployment }),
	listDeployments: z.object({ deployments: z.array(views.DeploymentRow), nextCursor: text.nullable() }),
	readAnalytics: z.object({ analytics: views.Analytics }),
	getDeployment: oneDeployment,
	readEvents: z.object({
		epoch: text,
		min: z.number().int(),
		head: z.number().int(),
		closed: z.boolean(),
		events: z.array(views.Event),
		reset: z.enum(resetReasons).optional(),
		activity: views.Activity.nullable(),
	}),
	readLogLines: logPage,
	readTimeline: timeline,
	readTiming: z.object({ timing: views.Timing }),
	readMetrics: z.object({ metrics: deploymentMetrics }),
	compareDeployments: z.object({ comparison: views.Comparison.nullable() }),
	cancelDeployment: oneDeployment,
	pauseDeployment: oneDeployment,
	resumeDeployment: oneDeployment,
	showApproval: z.object({
		approval: views.Approval,
		plan: views.Plan.nullable(),
		changes: views.ReleaseChanges.nullable(),
		fix: fixSchema.nullable(),
	}),
	answerApproval: oneDeployment,
	listApprovals: z.object({ approvals: z.array(views.WaitingApproval) }),
	retryDeployment: started,
	sendMessage: started,
	showPushRemote: z.object({ remote: views.PushRemote.nullable() }),
	pushProduct: z.object({ push: views.Push }),
	listArtifacts: z.object({ artifacts: z.array(views.Artifact) }),

	listProjects: z.object({ projects: z.array(views.Project) }),
	createProject: z.object({ project: views.Project }),
	getProject: z.object({ project: views.Project }),
	deleteProject: z.object({}),
	listReleases: z.object({ releases: z.array(views.Release) }),
	listProjectArtifacts: z.object({ artifacts: z.array(views.ArtifactHistory) }),
	listEnv: z.object({ env: z.array(views.Variable) }),
	setEnv: z.object({ variable: views.Variable }),
	readRuntimeLog: runtimeLog,
	getSettings: z.object({ settings: views.ProjectSettings }),
	setSettings: z.object({ settings: views.ProjectSettings }),
	rollback: oneRelease,
	startProject: oneRelease,
	stopProject: oneRelease,
	restartProject: oneRelease,
	showDeployKey: z.object({ deployKey: views.DeployKey.nullable() }),
	makeDeployKey: z.object({ deployKey: views.DeployKey }),
	createUpload: z.object({ upload: views.Upload }),

	createShare: z.object({ token: text, share: views.Share }),
	listShares: z.object({ shares: z.array(views.Share) }),
	openShare: z.object({ shared: views.SharedDeployment }),
	readSharedStory: story,
	readSharedLogLines: logPage,
	getModels: z.object({ models: modelsView }),
	setModelProvider: z.object({ models: modelsView }),
	setModelSettings: z.object({ models: modelsView }),
	testModel: z.object({ test: modelTest }),
	getModelUsage: z.object({ usage: modelUsage }),

	listTokens: z.object({ tokens: z.array(views.Token) }),
	createToken: z.object({ token: text, view: views.Token }),
	listUsers: z.object({ users: z.array(views.User) }),
	createUser: oneUser,
	login: oneUser,
	setup: oneUser,
	me: z.object({ user: views.User, via: z.enum(["session", "token"]), expiresAt: time.nullable(), mayApprove: z.boolean() }),

	health: z.object({ status: z.literal("ok"), version: text, boot: text, uptimeS: z.number() }),
	ready: z.object({ ready: z.boolean(), checks: z.record(text, z.object({ ok: z.boolean(), text })) }),
	liveStatus,
	liveClients: z.object({ clients: z.array(liveClient) }),
	triggerUpdate: z.object({ event: views.Event }),
	readSystemSettings: z.object({ settings: systemSettingsSchema }),
	writeSystemSettings: z.object({ settings: systemSettingsSchema }),
	openapi: z.looseObject({ openapi: text }),
	reportClientError: z.object({ reference: text }),
};
