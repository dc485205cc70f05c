import { z } from "zod";
import {
	agentSchema,
	type DeploymentMetrics,
	type ModelFiguresView,
	type ModelsView,
	type ModelTest,
	type ModelUsage,
	modelProviderKinds,
	modelSettingsSchema,
} from "#lib/protocol/index.ts";

/** Answers about models, each bound to the type that clients use. */

const text = z.string();
const count = z.number().int();

const price = z.object({ input: z.number(), output: z.number() });
const capabilities = z.object({ jsonSchema: z.boolean().nullable(), tools: z.boolean().nullable(), usage: z.boolean().nullable() });

export const modelsView: z.ZodType<ModelsView> = z.object({
	providers: z.array(
		z.object({
			id: text,
			kind: z.enum(modelProviderKinds),
			baseUrl: text,
			hasKey: z.boolean(),
			allowPrivate: z.boolean(),
			requestsPerMinute: count,
			tokensPerMinute: count,
			models: z.array(
				z.object({
					name: text,
					idleS: count,
					totalS: count,
					maxOutputTokens: count.nullable(),
					price: price.nullable(),
					priceFrom: z.enum(["own", "list"]).nullable(),
					capabilities,
				}),
			),
			now: z.object({ requestsLeft: count, tokensLeft: count, waiting: count, pausedUntil: z.iso.datetime().nullable() }),
		}),
	),
	settings: modelSettingsSchema,
	pricesOf: text,
});

export const modelTest: z.ZodType<ModelTest> = z.object({
	ok: z.boolean(),
	durationMs: z.number(),
	firstTokenMs: z.number().nullable(),
	capabilities,
	problem: z.object({ code: text, message: text, action: text, detail: text.nullable() }).nullable(),
});

const figures = {
	calls: count,
	cached: count,
	failed: count,
	waited: count,
	tokens: z.object({ input: count, output: count }),
	costUsd: z.number().nullable(),
	unpricedTokens: count,
};

export const modelFigures: z.ZodType<ModelFiguresView> = z.object({
	totals: z.object(figures),
	byModel: z.array(z.object({ model: text, ...figures })),
	byAgent: z.array(z.object({ agent: agentSchema.nullable(), ...figures })),
});

export const modelUsage: z.ZodType<ModelUsage> = z.object({
	calls: count,
	attempts: count,
	cached: count,
	tokens: z.object({ input: count, output: count }),
	costUsd: z.number().nullable(),
	durationMs: z.number(),
	agents: z.array(z.object({ agent: agentSchema, calls: count, tokens: count })),
});

export const deploymentMetrics: z.ZodType<DeploymentMetrics> = z.object({
	totalMs: z.number().nullable(),
	filesWritten: count.nullable(),
	models: modelUsage,
});
