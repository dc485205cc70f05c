import { z } from "zod";
import { type AgentName, agentSchema } from "./enums.ts";

/** Language models as an administrator sets them up. Keys go in and never come out again. */

export const modelProviderKinds = ["openai", "anthropic", "google", "openai-compatible"] as const;
export type ModelProviderKind = (typeof modelProviderKinds)[number];

/** What becomes of one request to a provider. `cached`: none was made, the kept answer was given; `lost`: its process ended in the middle. */
export const modelCallStatuses = ["waiting", "running", "succeeded", "failed", "cancelled", "cached", "lost"] as const;
export type ModelCallStatus = (typeof modelCallStatuses)[number];

/** What a model is asked for. */
export type ModelPurpose = "summary" | "plan" | "write" | "fix";

export const modelProviderIdSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
const modelNameSchema = z
	.string()
	.trim()
	.min(1)
	.max(200)
	.regex(/^[^\s\p{Cc}]+$/u, "may not have spaces");
/** `provider/model`; a model's own name may have slashes too. */
export const modelRefSchema = z
	.string()
	.max(241)
	.regex(/^[a-z0-9-]+\/\S+$/, "is not like provider/model");

const priceSchema = z.strictObject({ input: z.number().min(0).max(10_000), output: z.number().min(0).max(10_000) });
/** US dollars for a million tokens. */
export type ModelPrice = z.infer<typeof priceSchema>;

const modelSchema = z.strictObject({
	name: modelNameSchema,
	/** An attempt ends when no byte came for this long. */
	idleS: z.number().int().min(1).max(600).default(30),
	/** A call ends after this long with all its attempts, waiting for a slot not counted. */
	totalS: z.number().int().min(1).max(3600).default(120),
	/** Most that one answer may be long; the provider's own default without it. */
	maxOutputTokens: z.number().int().min(16).max(1_000_000).optional(),
	/** Wins over the list price. */
	price: priceSchema.optional(),
});
export type ModelInput = z.infer<typeof modelSchema>;

export const setModelProviderSchema = z.strictObject({
	kind: z.enum(modelProviderKinds),
	/** The provider's own address without it; must be given for `openai-compatible`. */
	baseUrl: z
		.url({ protocol: /^https?$/ })
		.max(500)
		.optional(),
	/** Write-only. Absent keeps the stored one, null removes it. */
	key: z
		.string()
		.trim()
		.min(1)
		.max(4000)
		.regex(/^[\x21-\x7e]+$/, "may have printable characters only")
		.nullable()
		.optional(),
	/** Lets the address be on this machine or in a private network, and be plain http. */
	allowPrivate: z.boolean().default(false),
	requestsPerMinute: z.number().int().min(1).max(10_000).default(20),
	tokensPerMinute: z.number().int().min(100).max(100_000_000).default(40_000),
	models: z.array(modelSchema).max(50).default([]),
});
export type SetModelProvider = z.infer<typeof setModelProviderSchema>;
export type SetModelProviderInput = z.input<typeof setModelProviderSchema>;

const orderSchema = z.array(modelRefSchema).max(10);

export const modelSettingsSchema = z.strictObject({
	/** Models in the order in which they are tried. */
	order: orderSchema.default([]),
	/** Another order for some agents. */
	agents: z.partialRecord(agentSchema, orderSchema).default({}),
	/** What one deployment may use; null is no limit. Where a price is not known, tokens alone count. */
	budget: z
		.strictObject({ tokens: z.number().int().min(1).nullable(), usd: z.number().min(0).nullable() })
		.default({ tokens: 1_000_000, usd: 5 }),
	/** An identical call of the same project within a day gets the kept answer. */
	cache: z.boolean().default(true),
});
export type ModelSettings = z.infer<typeof modelSettingsSchema>;
export type ModelSettingsInput = z.input<typeof modelSettingsSchema>;

export const testModelSchema = z.strictObject({ model: modelRefSchema });

/** What a test found out; null where it has not been tried. */
export interface ModelCapabilities {
	/** Answers in the form of a given JSON schema. */
	jsonSchema: boolean | null;
	tools: boolean | null;
	/** Says how many tokens it used. */
	usage: boolean | null;
}

export interface ModelView extends Required<Omit<ModelInput, "price" | "maxOutputTokens">> {
	maxOutputTokens: number | null;
	/** What is counted with, null when it is not known. */
	price: ModelPrice | null;
	/** `own` was entered here; a list price says of which month. */
	priceFrom: "own" | "list" | null;
	capabilities: ModelCapabilities;
}

export interface ModelProviderView {
	id: string;
	kind: ModelProviderKind;
	baseUrl: string;
	hasKey: boolean;
	allowPrivate: boolean;
	requestsPerMinute: number;
	tokensPerMinute: number;
	models: ModelView[];
	/** What is left of this minute, and how many wait for it. */
	now: { requestsLeft: number; tokensLeft: number; waiting: number; pausedUntil: string | null };
}

export interface ModelsView {
	providers: ModelProviderView[];
	settings: ModelSettings;
	/** Month of the list prices. */
	pricesOf: string;
}

export interface ModelTest {
	ok: boolean;
	durationMs: number;
	firstTokenMs: number | null;
	capabilities: ModelCapabilities;
	/** Why it does not work, for people; null when it does. */
	problem: { code: string; message: string; action: string; detail: string | null } | null;
}

/** Requests to models that have ended, added up. */
export interface ModelFigures {
	/** Answers that were given, `cached` of them without a request. */
	calls: number;
	cached: number;
	/** Requests that came to no answer. */
	failed: number;
	/** Requests that had to wait for their turn, a second or longer. */
	waited: number;
	tokens: { input: number; output: number };
	/** US dollars of what has a price; null where nothing has one. */
	costUsd: number | null;
	/** Tokens, of both kinds, that the cost is without, because their price is not known. */
	unpricedTokens: number;
}

/** What models were asked in a time. Without rows none was. */
export interface ModelFiguresView {
	totals: ModelFigures;
	/** Most tokens first; `model` is "provider/model". */
	byModel: ({ model: string } & ModelFigures)[];
	/** In the order of the agents; null are tests from the settings. */
	byAgent: ({ agent: AgentName | null } & ModelFigures)[];
}

/** What one deployment has used. A cost of null is not known. */
export interface ModelUsage {
	calls: number;
	attempts: number;
	cached: number;
	tokens: { input: number; output: number };
	costUsd: number | null;
	durationMs: number;
	agents: { agent: AgentName; calls: number; tokens: number }[];
}

/** What one deployment took and made. */
export interface DeploymentMetrics {
	/** From the start of the work to its end; null until it has ended. */
	totalMs: number | null;
	/** By the Developer; null where it has not come to that. */
	filesWritten: number | null;
	models: ModelUsage;
}
