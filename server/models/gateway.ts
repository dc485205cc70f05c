import type { Kysely } from "kysely";
import { failed, succeeded } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { Encryption } from "../secrets/encryption.ts";
import type { News } from "../streams/news.ts";
import { createKeptAnswers } from "./answers.ts";
import { asJson, converse } from "./converse.ts";
import { failureOf } from "./failure.ts";
import { ModelFault } from "./fault.ts";
import { type Guard, type GuardedCall, newTally, type Tally } from "./guard.ts";
import { guardedModel } from "./guarded-model.ts";
import { parseAnswer } from "./json-answer.ts";
import { createModelLedger, type ModelLedger } from "./ledger.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { createModelStore, type ModelStore } from "./model-store.ts";
import type { ModelAnswer, ModelCall, Models } from "./models.ts";
import { openTransport, type Transport } from "./transport.ts";

export interface ModelGateway extends Models {
	readonly store: ModelStore;
	readonly limiter: Limiter;
	readonly ledger: ModelLedger;
	/** The same gateway for a call that is put together by hand. */
	readonly guard: Guard;
	/** Removes what is too old. */
	tidy(): Promise<void>;
	stop(): Promise<void>;
}

export interface GatewayOptions {
	db: Kysely<Schema>;
	encryption: Encryption;
	nodeId: string;
	/** Tells other nodes when models are set up anew. */
	news?: News;
	reportError: (error: unknown, context: Record<string, string>) => void;
	/** For tests: how long the window of the limits is, and the waits between attempts. */
	windowMs?: number;
	backoffMs?: readonly number[];
	transport?: Transport;
}

const maxAttempts = 3;
/** An agent's answer is here by then, as a rule; people are told when it is not. */
const usualMs = 30_000;

/** Opens the gateway and closes what its node left open in the ledger. */
export async function openModelGateway(options: GatewayOptions): Promise<ModelGateway> {
	const { db, encryption, reportError } = options;
	const store = createModelStore(db, encryption, options.news);
	const limiter = createLimiter({ db, node: options.nodeId, reportError, windowMs: options.windowMs });
	const ledger = createModelLedger(db, options.nodeId);
	const answers = createKeptAnswers(db, encryption.fingerprint);
	const transport = options.transport ?? openTransport();
	const guard: Guard = { limiter, ledger, answers, transport, reportError, backoffMs: options.backoffMs };
	await ledger.recover();

	return {
		store,
		limiter,
		ledger,
		guard,
		async isReady(agent) {
			return (await store.modelsFor(agent)).models.length > 0;
		},
		async run(call) {
			const beganAt = performance.now();
			const done = new AbortController();
			const tally = newTally();
			try {
				const { models, settings } = await store.modelsFor(call.agent);
				if (models.length === 0) return failed({ code: "model_not_configured" });
				const guarded: GuardedCall = {
					asker: call,
					models,
					budget: settings.budget,
					useKept: settings.cache,
					attempts: maxAttempts,
					signal: AbortSignal.any([call.signal, done.signal]),
					onWaiting: (sentence) => call.onWaiting?.(sentence),
					tally,
				};
				return succeeded(await answerOf(call, guard, guarded, beganAt));
			} catch (error) {
				if (!(error instanceof ModelFault)) throw error;
				return failed(failureOf(error, await store.keys()));
			} finally {
				// Nothing goes on behind an outcome, and nothing is missing from the ledger.
				done.abort();
				await Promise.all(tally.open);
			}
		},
		async tidy() {
			await ledger.tidy();
			await answers.tidy();
		},
		async stop() {
			limiter.stop();
			await transport.close();
		},
	};
}

async function answerOf<T>(call: ModelCall<T>, guard: Guard, guarded: GuardedCall, beganAt: number): Promise<ModelAnswer<T>> {
	const { tally } = guarded;
	const late = setTimeout(() => call.onWaiting?.("the model takes longer than the usual 30 s"), usualMs);
	try {
		const text = await converse(call, asJson(guardedModel(guard, guarded), call.output), tally);
		return {
			text,
			output: await outputOf(call, guard, tally, text),
			model: tally.model,
			tokens: tally.tokens,
			costUsd: tally.costUsd,
			cached: tally.keptTurns === tally.turns,
			durationMs: Math.round(performance.now() - beganAt),
			attempts: tally.attempts,
		};
	} finally {
		clearTimeout(late);
	}
}

async function outputOf<T>({ output }: ModelCall<T>, guard: Guard, tally: Tally, text: string): Promise<T> {
	// Without a schema T is the text, by the default of the type.
	if (!output) return text as T;
	try {
		return parseAnswer(text, output);
	} catch (error) {
		await guard.answers.forget(tally.keys);
		throw error;
	}
}
