import { tool } from "ai";
import { z } from "zod";
import { errorCatalogue } from "../../lib/errors.ts";
import type { ModelCapabilities, ModelTest } from "../../lib/protocol/index.ts";
import type { Asker } from "./call-row.ts";
import { asJson, converse } from "./converse.ts";
import { failureOf } from "./failure.ts";
import { ModelFault } from "./fault.ts";
import { type Guard, type GuardedCall, newTally } from "./guard.ts";
import { guardedModel } from "./guarded-model.ts";
import type { ReadyModel } from "./providers.ts";

const system = "You are being tested. Do exactly what is asked, in as few words as possible.";
/** One request of the test; a model that is this slow is too slow. */
const requestMs = 30_000;

/** Asks a model three small things, each once: a word, a JSON object by schema, the use of a tool. */
export async function probeModel(guard: Guard, model: ReadyModel, ownerId: string, signal: AbortSignal): Promise<ModelTest> {
	const asker: Asker = { deploymentId: null, ownerId, projectId: null, agent: null, purpose: "test" };
	const impatient = { ...model, idleMs: Math.min(model.idleMs, requestMs), totalMs: Math.min(model.totalMs, requestMs) };
	const callOf = (models: ReadyModel[]): GuardedCall => ({
		asker,
		models,
		budget: { tokens: null, usd: null },
		useKept: false,
		attempts: 1,
		signal,
		onWaiting: () => undefined,
		tally: newTally(),
	});

	const beganAt = performance.now();
	const sinceBegin = () => Math.round(performance.now() - beganAt);
	let firstTokenMs: number | null = null;
	const word = callOf([impatient]);
	try {
		const onText = () => {
			firstTokenMs ??= sinceBegin();
		};
		await converse({ system, prompt: "Reply with the word OK.", signal, onText }, guardedModel(guard, word), word.tally);
	} catch (error) {
		if (!(error instanceof ModelFault)) throw error;
		const capabilities = { ...model.capabilities };
		return { ok: false, durationMs: sinceBegin(), firstTokenMs, capabilities, problem: problemOf(error, model) };
	}
	const durationMs = sinceBegin();
	const asked: ReadyModel = { ...impatient, capabilities: { ...model.capabilities, jsonSchema: true } };
	const [jsonSchema, tools] = await Promise.all([
		canDo(async () => givesJson(guard, callOf([asked]))),
		canDo(async () => usesTool(guard, callOf([impatient]))),
	]);
	const capabilities: ModelCapabilities = { jsonSchema, tools, usage: word.tally.tokens !== null };
	return { ok: true, durationMs, firstTokenMs, capabilities, problem: null };
}

const wanted = z.strictObject({ answer: z.number(), unit: z.enum(["metre", "litre"]) });

async function givesJson(guard: Guard, call: GuardedCall): Promise<boolean> {
	const { signal, tally } = call;
	const prompt = "How high is a door, as a number and a unit?";
	const text = await converse({ system, prompt, signal }, asJson(guardedModel(guard, call), wanted), tally);
	try {
		return wanted.safeParse(JSON.parse(text)).success;
	} catch {
		return false;
	}
}

async function usesTool(guard: Guard, call: GuardedCall): Promise<boolean> {
	const { signal, tally } = call;
	let used = false;
	const ring = tool({
		description: "Rings the bell.",
		inputSchema: z.object({ times: z.number().int() }),
		execute: async () => {
			used = true;
			return "The bell rang.";
		},
	});
	await converse(
		{ system, prompt: "Ring the bell once with the tool `ring`.", tools: { ring }, maxTurns: 2, signal },
		guardedModel(guard, call),
		tally,
	).catch((error: unknown) => {
		if (!used) throw error;
	});
	return used;
}

/** A refusal says no; trouble on the way says nothing. */
async function canDo(work: () => Promise<boolean>): Promise<boolean | null> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof ModelFault)) throw error;
		return error.code === "model_rejected" || error.code === "model_malformed" || error.code === "model_unknown" ? false : null;
	}
}

function problemOf(fault: ModelFault, { key }: ReadyModel): ModelTest["problem"] {
	const { code, message, action, lines } = failureOf(fault, key ? [key.reveal()] : []);
	const known = errorCatalogue[code];
	return { code, message: message ?? known.message, action: action ?? known.action, detail: lines?.[0] ?? null };
}
