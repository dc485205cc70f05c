import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, errorCatalogue } from "../../lib/errors.ts";
import { faultOf, ModelFault } from "./fault.ts";
import type { Guard, GuardedCall } from "./guard.ts";
import { Answer } from "./open-answer.ts";
import { costOf } from "./prices.ts";
import { estimateTokens, promptFor } from "./prompt.ts";
import type { ReadyModel } from "./providers.ts";
import { request } from "./request.ts";
import type { CallOptions, LanguageModel, StreamPart } from "./sdk.ts";

/** Their sentences in the catalogue say that it is tried again. */
const saidWhileRetrying: ReadonlySet<ErrorCode> = new Set(["model_rate_limited", "model_connection"]);
const defaultBackoffMs = [1000, 2000];
/** A provider that asks for more patience than that is not waited for. */
const longestPauseMs = 15 * 60_000;

/**
 * The one middleware, as a model for the SDK. Each turn waits for its slot, is written into the ledger, is tried up to three times
 * with one model and then with the next, until the first text or tool call has come: from there on there is no way back.
 */
export function guardedModel(guard: Guard, call: GuardedCall): LanguageModel {
	return {
		specificationVersion: "v4",
		provider: "quayside",
		modelId: "guarded",
		supportedUrls: {},
		doGenerate: () => Promise.reject(new ModelFault("internal")),
		async doStream(options) {
			try {
				return { stream: await openTurn(guard, call, options) };
			} catch (error) {
				call.tally.failure = error;
				throw error;
			}
		},
	};
}

/** The first model that begins to answer. */
async function openTurn(guard: Guard, call: GuardedCall, options: CallOptions): Promise<ReadableStream<StreamPart>> {
	let last: ModelFault | null = null;
	for (const [index, model] of call.models.entries()) {
		const isLast = index === call.models.length - 1;
		const asked = promptFor(model, options);
		const kept = await findKept(guard, call, model, asked);
		if (kept) return kept;
		try {
			return await tryModel(guard, call, model, asked, isLast);
		} catch (error) {
			// What is wrong with ourselves, such as with the database, is not the model's fault.
			if (!(error instanceof ModelFault) || error.code === "cancelled" || error.code === "model_budget") throw error;
			last = error;
			if (!isLast) call.onWaiting(`${model.ref} does not answer, trying ${call.models[index + 1]?.ref}`);
		}
	}
	throw last ?? new ModelFault("model_not_configured");
}

async function tryModel(
	guard: Guard,
	call: GuardedCall,
	model: ReadyModel,
	options: CallOptions,
	isLast: boolean,
): Promise<ReadableStream<StreamPart>> {
	const backoffMs = guard.backoffMs ?? defaultBackoffMs;
	let leftMs = model.totalMs;
	for (let attempt = 1; ; attempt++) {
		let beganAt = performance.now();
		try {
			const slot = await takeSlot(guard, call, model, options, attempt, isLast);
			beganAt = performance.now();
			const answer = await beginAnswer(guard, call, model, options, { slot, leftMs });
			// What kept the attempt before is over.
			if (attempt > 1) call.onWaiting("waiting for the rest of the answer");
			return answer;
		} catch (error) {
			if (!(error instanceof ModelFault)) throw error;
			const fault = error;
			leftMs -= performance.now() - beganAt;
			const pauseMs = fault.retryAfterMs;
			if (pauseMs !== null) await guard.limiter.pause(model.provider, pauseMs);
			if (pauseMs !== null && pauseMs > longestPauseMs) throw tooLong(fault, pauseMs);
			if (!fault.retry || attempt >= call.attempts || leftMs <= 0) throw fault;
			if (pauseMs !== null && !isLast) throw fault;
			const waitMs = (backoffMs[attempt - 1] ?? backoffMs.at(-1) ?? 0) * (1 + Math.random() / 4);
			call.onWaiting(
				saidWhileRetrying.has(fault.code)
					? errorCatalogue[fault.code].message
					: `${model.ref} did not answer, trying again in ${secondsOf(waitMs)} s`,
			);
			// The pause is kept by the queue, for everybody who waits for this provider.
			if (pauseMs !== null) continue;
			await sleep(waitMs, undefined, { signal: call.signal }).catch(() => {
				throw new ModelFault("cancelled");
			});
			leftMs -= waitMs;
		}
	}
}

function tooLong(fault: ModelFault, pauseMs: number): ModelFault {
	const minutes = Math.ceil(pauseMs / 60_000);
	return new ModelFault("model_rate_limited", {
		retryAfterMs: pauseMs,
		action: `The provider asks to wait ${minutes} minutes. Retry after that, or let an administrator add a second model under Settings, Models.`,
		detail: fault.detail,
	});
}

async function takeSlot(
	guard: Guard,
	call: GuardedCall,
	model: ReadyModel,
	options: CallOptions,
	attempt: number,
	isLast: boolean,
): Promise<string> {
	const tokens = estimateTokens(options);
	let waited = false;
	const slot = await guard.limiter.acquire({
		asker: call.asker,
		provider: model.provider,
		model: model.name,
		attempt,
		tokens,
		costUsd: costOf(model.price, tokens),
		budget: call.budget,
		patienceMs: isLast ? longestPauseMs : 0,
		signal: call.signal,
		onWait(ms) {
			waited = true;
			call.onWaiting(`waiting for a model slot, ~${Math.max(1, Math.ceil(ms / 1000))} s`);
		},
	});
	if (waited) call.onWaiting("waiting for the model to answer");
	return slot;
}

const secondsOf = (ms: number): number => Math.max(1, Math.round(ms / 1000));

/** Waits for the first text or tool call, and answers a stream of everything. Until then another attempt is possible. */
async function beginAnswer(
	guard: Guard,
	call: GuardedCall,
	model: ReadyModel,
	options: CallOptions,
	{ slot, leftMs }: { slot: string; leftMs: number },
): Promise<ReadableStream<StreamPart>> {
	call.tally.attempts++;
	const answer = new Answer(guard, call, model, options, slot);
	const leaving = new AbortController();
	const leave = async () => {
		leaving.abort();
		await answer.fail(new ModelFault("cancelled"));
	};
	const parts = request(model, options, { transport: guard.transport, signal: AbortSignal.any([call.signal, leaving.signal]), leftMs });
	try {
		while (!answer.hasBegun) {
			const { done, value } = await parts.next();
			if (done) throw new ModelFault("model_malformed", { retry: true, detail: "The answer is empty." });
			answer.take(value);
		}
	} catch (error) {
		const fault = faultOf(error);
		await answer.fail(fault);
		throw fault;
	}
	// Whoever is cancelled does not always read on to be told.
	call.signal.addEventListener("abort", () => void leave(), { once: true });
	return new ReadableStream<StreamPart>({
		async pull(controller) {
			for (const part of answer.drain()) controller.enqueue(part);
			try {
				const { done, value } = await parts.next();
				if (done) {
					const finish = await answer.succeed();
					if (finish) controller.enqueue(finish);
					controller.close();
				} else answer.take(value);
				for (const part of answer.drain()) controller.enqueue(part);
			} catch (error) {
				const fault = brokenOff(faultOf(error));
				call.tally.failure = fault;
				await answer.fail(fault);
				controller.error(fault);
			}
		},
		cancel: leave,
	});
}

/** People have seen the beginning. What broke it matters less to them than that it broke. */
function brokenOff(fault: ModelFault): ModelFault {
	const keeps = fault.code === "cancelled" || fault.code === "model_refused" || fault.code === "model_timeout" || !fault.retry;
	return keeps ? fault : new ModelFault("model_interrupted", { detail: fault.detail });
}

async function findKept(
	guard: Guard,
	call: GuardedCall,
	model: ReadyModel,
	options: CallOptions,
): Promise<ReadableStream<StreamPart> | null> {
	const { asker, useKept, tally } = call;
	if (!useKept || asker.projectId === null) return null;
	const key = guard.answers.keyOf(asker.projectId, model, options);
	const parts = await guard.answers.find(key);
	if (!parts) return null;
	await guard.ledger.cached(asker, model.provider, model.name);
	tally.turns++;
	tally.keptTurns++;
	tally.keys.push(key);
	tally.model = model.ref;
	return new ReadableStream({
		start(controller) {
			for (const part of parts) controller.enqueue(part);
			controller.close();
		},
	});
}
