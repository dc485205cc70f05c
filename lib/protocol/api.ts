import { z } from "zod";
import { briefSourceSchema } from "./brief.ts";
import {
	approvalPolicySchema,
	type DeploymentStatus,
	deploymentStatusSchema,
	type ReleaseStatus,
	type Stage,
	stageSchema,
} from "./enums.ts";
import { envNamePattern, envNameProblem } from "./env-name.ts";
import { fixPolicySchema } from "./fix.ts";
import type { ModelFiguresView } from "./models.ts";
import { planOverridesSchema } from "./plan.ts";

/** Bodies and answers of the HTTP contract that are not folds. Requests are zod schemas, answers are types. */

export const ulidSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/);
export const slugSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);

const directorySchema = z
	.string()
	.trim()
	.max(500)
	.refine((path) => !path.split("/").includes("..") && !path.includes("\0") && !path.startsWith("-"), "must stay inside the repository");

/** Branch, tag or commit. Refuses what git would read as an option or a revision expression. */
const refSchema = z
	.string()
	.trim()
	.max(250)
	.regex(/^(?!-)(?!.*\.\.)[\w./@+-]*$/u, "is not a branch, tag or commit");

const gitSourceSchema = z.strictObject({
	type: z.literal("git"),
	url: z.string().trim().min(1).max(2000),
	ref: refSchema.optional(),
	directory: directorySchema.optional(),
	/** Access token for the git server. Kept encrypted with the project; never shown again. */
	token: z.string().trim().max(4000).optional(),
});
export type GitSource = z.infer<typeof gitSourceSchema>;

/** A folder that was sent with `POST /api/uploads`. */
const uploadSourceSchema = z.strictObject({
	type: z.literal("upload"),
	id: ulidSchema,
	directory: directorySchema.optional(),
});

export const createDeploymentSchema = z.strictObject({
	source: z.discriminatedUnion("type", [gitSourceSchema, uploadSourceSchema, briefSourceSchema]),
	/** Slug of the project to deploy to; without it the project of the same source is used, or a new one is made. */
	project: slugSchema.optional(),
	target: z.literal("local").optional(),
	/** What a person must allow, beyond what the project asks for anyway. */
	approvals: approvalPolicySchema.optional(),
});
export type CreateDeployment = z.infer<typeof createDeploymentSchema>;

/** Makes a project without deploying it, so that its key can be added to the repository first. */
export const createProjectSchema = z.strictObject({
	source: z.discriminatedUnion("type", [gitSourceSchema, uploadSourceSchema]),
	/** What it is called; without it, as its repository or folder. */
	name: z.string().trim().min(1).max(100).optional(),
	/** Exactly this slug; without it, one made from the name. */
	slug: slugSchema.optional(),
});
export type CreateProject = z.infer<typeof createProjectSchema>;

/** What an upload is called: the name of its folder. */
export const createUploadSchema = z.object({
	name: z
		.string()
		.trim()
		.min(1)
		.max(100)
		.regex(/^[^\p{Cc}/:\\]+$/u, "may not have slashes, colons or control characters"),
});

/** A git server as ssh names it: `host`, or `[host]:port`. */
export const knownHostNameSchema = z.string().regex(/^(?:[\w.:-]{1,255}|\[[\w.:-]{1,255}\]:\d{1,5})$/);

export const retrySchema = z.strictObject({ from: stageSchema.optional() });

export const listDeploymentsSchema = z.object({
	project: slugSchema.optional(),
	status: deploymentStatusSchema.optional(),
	cursor: ulidSchema.optional(),
	limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type ListDeployments = z.infer<typeof listDeploymentsSchema>;

export const analyticsQuerySchema = z.object({
	/** Today counts as one. */
	days: z.coerce.number().int().min(1).max(90).default(30),
	project: slugSchema.optional(),
});
export type AnalyticsQuery = z.infer<typeof analyticsQuerySchema>;

/** Durations in ms of `count` things that were measured. */
export interface DurationView {
	count: number;
	p50Ms: number;
	p95Ms: number;
}

/** What the deployments of a time tell. A duration is null where nothing was measured. */
export interface AnalyticsView {
	days: number;
	totals: { succeeded: number; failed: number; cancelled: number; open: number };
	/** From the start of the work to success. */
	duration: DurationView | null;
	/** From submitting to the start of the work. */
	queued: DurationView | null;
	/** Oldest first, in UTC; the day a deployment was submitted. */
	byDay: { day: string; succeeded: number; failed: number; cancelled: number }[];
	/** All stages in order; durations of those that worked anew and succeeded. */
	stages: { stage: Stage; failed: number; duration: DurationView | null }[];
	/** The most frequent ones first, with the newest message and the newest deployment's id. */
	failures: { code: string; cause: string | null; message: string; latest: string; count: number }[];
	models: ModelFiguresView;
}

/** One row of a list of deployments, written in the same transaction as the events it folds. */
export interface DeploymentRow {
	id: string;
	project: { id: string; slug: string; name: string };
	number: number;
	status: DeploymentStatus;
	stage: Stage | null;
	progress: number;
	/** The last plain sentence of the stream. */
	text: string;
	sourceUrl: string;
	ref: string | null;
	commit: string | null;
	previewUrl: string | null;
	errorMessage: string | null;
	queuedAt: string;
	startedAt: string | null;
	finishedAt: string | null;
	/** Deployments that run before this one; null unless queued. */
	ahead: number | null;
	/** Status of each of the five agents, in order. */
	agentStatuses: string[];
}

export interface ProjectView {
	id: string;
	slug: string;
	name: string;
	/** `upload:<name>` is the address of a folder that was sent, `brief:<name>` that of a product that was made from words. */
	source: { type: "git" | "upload" | "brief"; url: string; ref: string | null; directory: string | null; private: boolean };
	target: string;
	previewUrl: string | null;
	/** Status of the active release, null before the first. */
	releaseStatus: ReleaseStatus | null;
	/** The active release is stopped because nobody asked for it; the next request wakes it. */
	asleep: boolean;
	/** How the newest deployment failed; null where it did not. */
	failure: { deploymentId: string; message: string } | null;
	createdAt: string;
}

export interface ReleaseView {
	id: string;
	deploymentId: string;
	deploymentNumber: number;
	status: ReleaseStatus;
	kind: "static" | "process";
	active: boolean;
	/** Stopped because nobody asked for it; the next request wakes it. */
	asleep: boolean;
	/** How its app ended the last time, null unless it crashed. */
	crash: { message: string; exitCode: number | null; lines: string[] } | null;
	framework: string;
	commit: string | null;
	sizeBytes: number;
	/** Repairs it was made with: it is not what was pushed alone. */
	repairs: number;
	createdAt: string;
}

export const envNameSchema = z
	.string()
	.regex(envNamePattern, "may have letters, digits and underscores")
	.refine((name) => envNameProblem(name) === null, "is set by Quayside");
export const envScopeSchema = z.enum(["build", "runtime", "both"]);
export type EnvScope = z.infer<typeof envScopeSchema>;
export const setEnvSchema = z.strictObject({
	name: envNameSchema,
	/** Left out: what is stored stays, and a secret stays one. */
	value: z
		.string()
		.max(32 * 1024)
		.optional(),
	/** A secret is write-only: nobody is shown its value again. */
	secret: z.boolean().default(false),
	/** Who gets it: the build (install, build, test), the running app, or both. */
	scope: envScopeSchema.default("both"),
});
export type SetEnv = z.infer<typeof setEnvSchema>;
/** As a caller writes it, with its defaults left out. */
export type SetEnvInput = z.input<typeof setEnvSchema>;

export interface EnvView {
	name: string;
	/** null for a secret. */
	value: string | null;
	secret: boolean;
	scope: EnvScope;
	updatedAt: string;
}

const minutesMs = 60_000;

/** What an owner may set for a project; absent means the default. */
export const projectSettingsSchema = z.strictObject({
	/** Wins over `quayside.json` and over what is detected. */
	plan: planOverridesSchema.optional(),
	deadlinesMs: z
		.partialRecord(
			stageSchema,
			z
				.number()
				.int()
				.min(10_000)
				.max(120 * minutesMs),
		)
		.optional(),
	/** Memory of a build and of the running app, in MB. */
	buildMemoryMb: z.number().int().min(256).max(65_536).optional(),
	memoryMb: z.number().int().min(64).max(65_536).optional(),
	/** Stops an app that nobody asked for this long; the next request wakes it. Absent: it never sleeps. */
	sleepAfterMinutes: z.number().int().min(1).max(10_080).optional(),
	/** Releases that are kept to go back to, the active one included. */
	keepReleases: z.number().int().min(1).max(50).optional(),
	/** What a person must allow in each deployment. Absent: nothing. */
	approvals: approvalPolicySchema.optional(),
	/** What happens where a rule knows how to repair what made a deployment fail. Absent: off. */
	fixes: fixPolicySchema.optional(),
});
export type ProjectSettings = z.infer<typeof projectSettingsSchema>;

/** The ssh key Quayside made for a project's repository. The private half is never shown. */
/** A file that deployments of a project made, in its versions. */
export interface ArtifactHistory {
	name: string;
	mediaType: string;
	/** The newest deployment first. Two with the same hash are the same file. */
	versions: { deploymentId: string; number: number; size: number; sha256: string; createdAt: string }[];
}

export interface DeployKeyView {
	/** One line to add to the repository as a (read-only) deploy key. */
	publicKey: string;
	/** "SHA256:…" */
	fingerprint: string;
	createdAt: string;
	/** Servers whose host key was seen first and is expected from then on. */
	knownHosts: { host: string; fingerprint: string; pinnedAt: string }[];
}

/** A folder that was sent to be deployed; its id goes into the source of a deployment. */
export interface UploadView {
	id: string;
	name: string;
	bytes: number;
	createdAt: string;
}

export const runtimeLogQuerySchema = z.object({
	/** Only lines that contain this text, whatever its case. */
	search: z.string().max(200).optional(),
	/** Lines wanted: the newest, or with `after` the next. */
	lines: z.coerce.number().int().min(1).max(5000).default(500),
	/** `cursor` of the answer before: only what came since. */
	after: z.string().max(100).optional(),
	/** Seconds to wait for something new. */
	wait: z.coerce.number().min(0).max(20).default(0),
	/** Log of this release; of the active one by default. */
	release: ulidSchema.optional(),
});
export type RuntimeLogQuery = z.infer<typeof runtimeLogQuerySchema>;

export interface RuntimeLog {
	/** The lines as one text. */
	log: string;
	/** Where the next read goes on. */
	cursor: string;
	/** True when the log was rotated or belongs to another release since `after`: show `log` from the beginning. */
	reset: boolean;
}

export interface ArtifactView {
	name: string;
	mediaType: string;
	size: number;
	sha256: string;
	createdAt: string;
}

/** What an administrator decides for the whole platform. */
export const systemSettingsSchema = z.strictObject({
	/** Assistants that speak MCP may answer what a deployment waits for. */
	assistantsMayApprove: z.boolean(),
});
export type SystemSettings = z.infer<typeof systemSettingsSchema>;

export const setupSchema = z.strictObject({
	secret: z.string().max(200),
	name: z.string().trim().min(1).max(100),
	email: z.email().max(200),
	password: z.string().min(12).max(200),
});
export const loginSchema = z.strictObject({ email: z.string().max(200), password: z.string().max(200) });
export const createTokenSchema = z.strictObject({
	name: z.string().trim().min(1).max(100),
	expiresInDays: z.number().int().min(1).max(365).nullable().default(null),
	/** May answer approvals and ask for fewer of them in a project's settings: what a script should seldom do. */
	mayApprove: z.boolean().default(false),
});

/** A new member; only an administrator may create one. */
export const createUserSchema = z.strictObject({
	email: z.email().max(200),
	name: z.string().trim().min(1).max(100),
	password: z.string().min(12).max(200),
});
export type CreateUser = z.infer<typeof createUserSchema>;

export interface UserView {
	id: string;
	email: string;
	name: string;
	role: "admin" | "member";
}
export interface TokenView {
	id: string;
	name: string;
	/** Whether it may answer approvals. */
	mayApprove: boolean;
	createdAt: string;
	lastUsedAt: string | null;
	expiresAt: string | null;
}

export const eventsQuerySchema = z.object({
	after: z.coerce.number().int().min(0).optional(),
	/** ISO time: only events after it. `after` is the one that never loses or repeats an event. */
	since: z.iso.datetime({ offset: true }).optional(),
	epoch: z.string().max(64).optional(),
	limit: z.coerce.number().int().min(1).max(200).default(200),
	wait: z.coerce.number().min(0).max(20).default(0),
});
export type EventsQuery = z.infer<typeof eventsQuerySchema>;

/** A project that comes with Quayside, deployed with one click. */
export interface Example {
	id: string;
	name: string;
	description: string;
	url: string;
}
