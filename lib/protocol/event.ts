import { z } from "zod";
import { type ErrorCode, errorCodes } from "../errors.ts";
import { briefSchema, understandingSchema } from "./brief.ts";
import {
	agentSchema,
	agentStatusSchema,
	approvalDecisionSchema,
	approvalKindSchema,
	approvalPolicySchema,
	deploymentStatusSchema,
	type EventSource,
	type EventType,
	eventSources,
	eventTypes,
	releaseStatusSchema,
	stageSchema,
} from "./enums.ts";
import { fixSchema } from "./fix.ts";
import { planChoiceSchema, planOverridesSchema, planSchema, taskSchema } from "./plan.ts";

/** A plain fact about finished work, shown as a chip: ["files", 214], ["size", "3.1 MB"]. */
export const factsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type Facts = z.infer<typeof factsSchema>;

export const failureSchema = z.object({
	code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
	message: z.string(),
	action: z.string(),
	reference: z.string(),
	/** The command that failed, as shown to people. */
	command: z.string().nullable().default(null),
	exit_code: z.number().int().nullable().default(null),
	/** The 5 to 15 lines that matter, oldest first. */
	lines: z.array(z.string()).max(15).default([]),
	/** Number of the first of these lines in the deployment's log, where known. */
	first_line: z.number().int().nullable().default(null),
	/** Which of these lines decided, as its place among them from 0; null where no rule knows. */
	decisive: z.number().int().min(0).nullable().default(null),
	/** Which known cause this is ("lockfile_outdated"), null for one that no rule knows. */
	cause: z.string().nullable().default(null),
});
export type Failure = z.infer<typeof failureSchema>;

/** An agent whose model did not do its part: what is shown was made by rules. */
export const degradedSchema = z.object({
	code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
	/** Why, for people. */
	message: z.string(),
	/** What the agent says meanwhile. */
	sentence: z.string(),
});
export type Degraded = z.infer<typeof degradedSchema>;

/** What a deployment is made from, without any secret. */
export const deploymentSourceSchema = z.object({
	type: z.enum(["git", "upload", "brief"]),
	/** Address of the repository; `upload:<name>` for a folder that was sent, `brief:<name>` for a product that is made from words. */
	url: z.string(),
	ref: z.string().nullable(),
	directory: z.string().nullable(),
	/** True when the project keeps an access token for this source. */
	private: z.boolean(),
	/** Id of the upload, for a folder that was sent. */
	upload: z.string().optional(),
	/** The words themselves, and what was asked for since. */
	brief: briefSchema.optional(),
});
export type DeploymentSource = z.infer<typeof deploymentSourceSchema>;

/** What stages hand to later stages and to retries: recorded, immutable, no paths of this machine. */
export const stageOutputSchema = z.object({
	/** clone, or write where the Developer wrote it: id of the stored source, and the commit (or hash) that names its content */
	source: z.string().optional(),
	commit: z.string().optional(),
	commit_subject: z.string().optional(),
	/** analyze: what was understood of a brief */
	understanding: understandingSchema.optional(),
	/** build: id of the stored build result */
	build: z.string().optional(),
	/** build: a hash of everything that decides what a build makes; the same key, the same result */
	build_key: z.string().optional(),
	/** deploy */
	release: z.string().optional(),
	preview_url: z.string().optional(),
});
export type StageOutput = z.infer<typeof stageOutputSchema>;

export const logLineSchema = z.object({
	/** Number of the line in the deployment's log, from 1, contiguous over all stages. */
	n: z.number().int().min(1),
	/** ISO time at which it was printed. */
	at: z.string(),
	from: z.enum(["stdout", "stderr", "quayside"]),
	/** At most 8 KB; a longer one is cut and marked. */
	text: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

const stageMeta = { attempt: z.number().int().min(1), fence: z.number().int().min(1) };

/** Metadata of each event type. */
export const metadataSchemas = {
	deployment_started: z.object({
		project: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
		owner_id: z.string(),
		number: z.number().int().min(1),
		source: deploymentSourceSchema,
		target: z.string(),
		retry_of: z.string().nullable(),
		from: stageSchema.nullable(),
		correlation_id: z.string(),
		/** What a person must allow in this deployment; absent in those of earlier versions: nothing. */
		approvals: approvalPolicySchema.optional(),
	}),
	status: z.object({
		status: deploymentStatusSchema.optional(),
		cancel_requested_by: z.string().optional(),
		pause_requested_by: z.string().optional(),
	}),
	deployment_progress: z.object({ percent: z.number().min(0).max(100) }),
	deployment_completed: z.object({
		status: z.enum(["succeeded", "failed", "cancelled"]),
		duration_ms: z.number().min(0),
		error: failureSchema.nullable(),
		/** Cancel with proof. */
		stopped_processes: z.number().int().nullable(),
	}),
	agent_status: z.object({
		status: agentStatusSchema,
		task: z.string(),
		progress: z.number().min(0).max(100).nullable(),
		degraded: degradedSchema.optional(),
	}),
	/**
	 * What an agent says to people. A message that grows comes in parts first, `final` false: their texts, one after the other, are the
	 * text of the whole, which comes last. An event without `final: false` is a whole message.
	 */
	agent_response: z.object({
		text: z.string(),
		facts: factsSchema,
		/** Id of a message that came in parts. */
		message: z.string().optional(),
		/** From 1, without gaps; the whole has the last number. */
		part: z.number().int().min(1).optional(),
		final: z.boolean().optional(),
		/** "provider/model" that wrote it; absent where rules did. */
		model: z.string().optional(),
		/** True when the model gave the same answer to the same question before. */
		cached: z.boolean().optional(),
		degraded: degradedSchema.optional(),
	}),
	/** A model used one of its agent's tools, or asked for what it may not do. */
	tool_called: z.object({
		tool: z.string(),
		/** What it was asked, in short. */
		input: z.string(),
		/** False where it was refused or did not work. */
		ok: z.boolean(),
		/** What came of it, in short. */
		result: z.string(),
		/** The file it is about, relative to the project. */
		file: z.string().nullable(),
		/** What it changed in that file, as a unified diff. */
		diff: z.string().nullable(),
	}),
	/** `isolated` is false where an administrator let builds run without a sandbox. */
	stage_started: z.object({ ...stageMeta, node: z.string(), deadline_ms: z.number(), isolated: z.boolean() }),
	stage_progress: z.object({ ...stageMeta, progress: z.number().min(0).max(100).nullable() }),
	stage_completed: z.object({
		...stageMeta,
		duration_ms: z.number().min(0),
		facts: factsSchema,
		output: stageOutputSchema,
		reused: z.boolean(),
		skipped: z.boolean(),
	}),
	stage_failed: z.object({
		...stageMeta,
		duration_ms: z.number().min(0),
		error: failureSchema,
		will_retry: z.boolean(),
		cancelled: z.boolean(),
	}),
	plan_generated: z.object({
		plan: planSchema,
		tasks: z.array(taskSchema).min(1),
		/** Other plans that are possible, best first. */
		alternatives: z.array(planChoiceSchema).max(10).default([]),
	}),
	task_started: z.object({ task_id: z.string(), name: z.string() }),
	task_completed: z.object({ task_id: z.string(), name: z.string(), duration_ms: z.number().min(0) }),
	build_started: z.object({ command: z.string().nullable() }),
	build_phase_started: z.object({ phase: z.enum(["toolchain", "install", "build", "collect"]), command: z.string().nullable() }),
	deploy_started: z.object({ target: z.string() }),
	build_completed: z.object({ preview_url: z.string(), release: z.string() }),
	preview_ready: z.object({ url: z.string(), release: z.string() }),
	artifact_created: z.object({ name: z.string(), media_type: z.string(), size: z.number().int(), sha256: z.string() }),
	log: z.object({ first: z.number().int().min(1), last: z.number().int().min(1), lines: z.array(logLineSchema).min(1) }),
	/** A rule knows how to repair what failed. */
	fix_proposed: z.object({ fix: fixSchema }),
	/** The repair counts from here on: the stages from plan on are done anew with it. `by` is null where the project's setting decided. */
	fix_applied: z.object({ fix_id: z.string(), by: z.string().nullable() }),
	error: z.object({ error_type: z.string(), error: failureSchema }),
	system: z.object({ message_type: z.enum(["info", "warning"]) }),
	/** The stage of the event waits, for ever, until a person has answered. */
	approval_requested: z.object({ approval_id: z.string(), kind: approvalKindSchema }),
	approval_resolved: z.object({
		approval_id: z.string(),
		kind: approvalKindSchema,
		decision: approvalDecisionSchema,
		/** Who answered, and whether in a browser or by a script that acts for them. */
		by: z.object({ id: z.string(), name: z.string(), via: z.enum(["session", "token"]) }),
		note: z.string().nullable(),
		/** What they changed about the plan, in this deployment alone; null for nothing. */
		edit: planOverridesSchema.nullable(),
	}),
	release_changed: z.object({
		project_id: z.string(),
		release: z.string(),
		status: releaseStatusSchema,
		reason: z.string().nullable(),
		/** Stopped because nobody asked for it; the next visitor wakes it. */
		asleep: z.boolean().optional(),
		/** How its app ended, with the last lines it printed; null unless it crashed. */
		crash: z
			.object({ message: z.string(), exit_code: z.number().int().nullable(), lines: z.array(z.string()) })
			.nullable()
			.optional(),
	}),
	queue_changed: z.object({ deployment: z.string(), ahead: z.number().int().min(0).nullable() }),
} as const satisfies Record<EventType, z.ZodType>;

export type Metadata<T extends EventType> = z.infer<(typeof metadataSchemas)[T]>;

/** The envelope of everything that happens. `id` is a ULID, `timestamp` ISO-8601, `content` a plain sentence for people. */
export interface EventOf<T extends EventType> {
	id: string;
	seq: number;
	stream: string;
	deployment_id: string | null;
	type: T;
	timestamp: string;
	agent_name: z.infer<typeof agentSchema> | null;
	stage: z.infer<typeof stageSchema> | null;
	/** The module that speaks; absent in events that are older than the field. */
	source?: EventSource;
	content: string;
	metadata: Metadata<T>;
	requires_ack: boolean;
}
export type StreamEvent = { [T in EventType]: EventOf<T> }[EventType];

/** An event before the stream has given it `id`, `seq`, `stream` and `timestamp`. */
export type EventDraftOf<T extends EventType> = Pick<EventOf<T>, "type" | "content" | "metadata"> &
	Partial<Pick<EventOf<T>, "agent_name" | "stage" | "source" | "requires_ack">>;
export type EventDraft = { [T in EventType]: EventDraftOf<T> }[EventType];

const envelope = {
	id: z.string().length(26),
	seq: z.number().int().min(1),
	stream: z.string(),
	deployment_id: z.string().nullable(),
	timestamp: z.iso.datetime(),
	agent_name: agentSchema.nullable(),
	stage: stageSchema.nullable(),
	content: z.string(),
	requires_ack: z.boolean(),
};

/** Parses one event of a known type strictly. */
export const eventSchema = z.discriminatedUnion(
	"type",
	eventTypes.map((type) =>
		z.object({ ...envelope, source: z.enum(eventSources).optional(), type: z.literal(type), metadata: metadataSchemas[type] }),
	) as never,
) as unknown as z.ZodType<StreamEvent>;

/** Parses the envelope alone, so that a client passes over types it does not know yet. */
export const looseEventSchema = z.looseObject({
	...envelope,
	source: z.string().optional(),
	type: z.string(),
	metadata: z.record(z.string(), z.unknown()),
});
