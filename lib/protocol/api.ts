import { z } from "zod";
import { type DeploymentStatus, deploymentStatusSchema, type ReleaseStatus, type Stage, stageSchema } from "./enums.ts";
import { envNamePattern, envNameProblem } from "./env-name.ts";

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

export const createDeploymentSchema = z.strictObject({
	source: z.strictObject({
		type: z.literal("git"),
		url: z.string().trim().min(1).max(2000),
		ref: refSchema.optional(),
		directory: directorySchema.optional(),
		/** Access token for the git server. Kept encrypted with the project; never shown again. */
		token: z.string().trim().max(4000).optional(),
	}),
	/** Slug of the project to deploy to; without it the project of the same source is used, or a new one is made. */
	project: slugSchema.optional(),
	target: z.literal("local").optional(),
	approvals: z.literal("none").optional(),
});
export type CreateDeployment = z.infer<typeof createDeploymentSchema>;

export const retrySchema = z.strictObject({ from: stageSchema.optional() });

export const listDeploymentsSchema = z.object({
	project: slugSchema.optional(),
	status: deploymentStatusSchema.optional(),
	cursor: ulidSchema.optional(),
	limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type ListDeployments = z.infer<typeof listDeploymentsSchema>;

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
	source: { type: "git"; url: string; ref: string | null; directory: string | null; private: boolean };
	target: string;
	previewUrl: string | null;
	/** Status of the active release, null before the first. */
	releaseStatus: ReleaseStatus | null;
	createdAt: string;
}

export interface ReleaseView {
	id: string;
	deploymentId: string;
	deploymentNumber: number;
	status: ReleaseStatus;
	kind: "static" | "process";
	active: boolean;
	framework: string;
	commit: string | null;
	sizeBytes: number;
	createdAt: string;
}

export const envNameSchema = z
	.string()
	.regex(envNamePattern, "may have letters, digits and underscores")
	.refine((name) => envNameProblem(name) === null, "is set by Quayside");
export const setEnvSchema = z.strictObject({
	name: envNameSchema,
	value: z.string().max(32 * 1024),
	/** A secret is write-only: nobody is shown its value again. */
	secret: z.boolean().default(false),
});
export type SetEnv = z.infer<typeof setEnvSchema>;

export interface EnvView {
	name: string;
	/** null for a secret. */
	value: string | null;
	secret: boolean;
	updatedAt: string;
}

export interface ArtifactView {
	name: string;
	mediaType: string;
	size: number;
	sha256: string;
	createdAt: string;
}

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
