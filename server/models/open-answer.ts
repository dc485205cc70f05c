import type { Tokens } from "./call-row.ts";
import type { ModelFault } from "./fault.ts";
import type { Guard, GuardedCall } from "./guard.ts";
import { costOf } from "./prices.ts";
import { estimateTokens, tokensIn } from "./prompt.ts";
import type { ReadyModel } from "./providers.ts";
import type { CallOptions, StreamPart, Usage } from "./sdk.ts";

type Finish = Extract<StreamPart, { type: "finish" }>;

/** What has come of one answer, and its row in the ledger, which gets one end. */
export class Answer {
	hasBegun = false;
	readonly #guard: Guard;
	readonly #call: GuardedCall;
	readonly #model: ReadyModel;
	readonly #options: CallOptions;
	readonly #slot: string;
	#held: StreamPart[] = [];
	#all: StreamPart[] = [];
	#characters = 0;
	#finish: Finish | null = null;
	#firstAt: Date | null = null;
	#ended = false;
	readonly #closed = Promise.withResolvers<void>();

	constructor(guard: Guard, call: GuardedCall, model: ReadyModel, options: CallOptions, slot: string) {
		this.#guard = guard;
		this.#call = call;
		this.#model = model;
		this.#options = options;
		this.#slot = slot;
		call.tally.open.push(this.#closed.promise);
	}

	take(part: StreamPart): void {
		this.#characters += "delta" in part ? part.delta.length : 0;
		if (part.type === "finish") {
			this.#finish = part;
			return;
		}
		if (part.type === "raw" || part.type === "ping" || part.type === "response-metadata") return;
		this.#held.push(part);
		this.#all.push(part);
		if ((part.type === "text-delta" && part.delta !== "") || part.type === "tool-input-start" || part.type === "tool-call") {
			this.#firstAt ??= new Date();
			this.hasBegun = true;
		}
	}

	/** What may be handed on now. */
	drain(): StreamPart[] {
		return this.#held.splice(0);
	}

	/** Closes the row before anybody acts upon the answer. */
	async succeed(): Promise<StreamPart | null> {
		const finish = this.#finish;
		const { tokens, measured } = this.#tokens(finish?.usage ?? null);
		const costUsd = costOf(this.#model.price, tokens);
		const { tally } = this.#call;
		tally.turns++;
		tally.model = this.#model.ref;
		tally.tokens =
			measured && tally.tokens ? { input: tally.tokens.input + tokens.input, output: tally.tokens.output + tokens.output } : null;
		tally.costUsd = costUsd === null || tally.costUsd === null ? null : tally.costUsd + costUsd;
		await this.#end("succeeded", tokens, measured, null);
		if (!finish) return null;
		const plain = this.#withPlainReason(finish);
		await this.#keep(plain);
		return plain;
	}

	/** Providers have names of their own for an end with tool calls, and the SDK runs tools only after one it knows. */
	#withPlainReason(finish: Finish): Finish {
		const { unified, raw } = finish.finishReason;
		const plain = unified === "other" && this.#all.some(({ type }) => type === "tool-call");
		return plain ? { ...finish, finishReason: { unified: "tool-calls", raw } } : finish;
	}

	async fail(fault: ModelFault): Promise<void> {
		if (this.#ended) return;
		// Whoever refused at once charges nothing; the rest may have been paid for, as far as it came.
		const { tokens, measured } = fault.free
			? { tokens: { input: 0, output: 0 }, measured: true }
			: this.#tokens(this.#finish?.usage ?? null);
		const { tally } = this.#call;
		if (!fault.free) {
			const costUsd = costOf(this.#model.price, tokens);
			tally.costUsd = costUsd === null || tally.costUsd === null ? null : tally.costUsd + costUsd;
			if (!measured) tally.tokens = null;
		}
		await this.#end(fault.code === "cancelled" ? "cancelled" : "failed", tokens, measured, fault.code);
	}

	#tokens(usage: Usage | null): { tokens: Tokens; measured: boolean } {
		const input = usage?.inputTokens.total;
		const output = usage?.outputTokens.total;
		if (input !== undefined && output !== undefined && input + output > 0) return { tokens: { input, output }, measured: true };
		return { tokens: { input: estimateTokens(this.#options).input, output: tokensIn(this.#characters) }, measured: false };
	}

	async #end(status: "succeeded" | "failed" | "cancelled", tokens: Tokens, measured: boolean, error: string | null): Promise<void> {
		if (this.#ended) return;
		this.#ended = true;
		const { ledger, limiter, reportError } = this.#guard;
		const costUsd = measured && tokens.input + tokens.output === 0 ? 0 : costOf(this.#model.price, tokens);
		try {
			await ledger.finish(this.#slot, { status, tokens, measured, costUsd, error, firstAt: this.#firstAt });
		} catch (reason) {
			// Its row keeps the estimate, as after a crash.
			reportError(reason, { part: "model ledger", call: this.#slot });
		}
		this.#closed.resolve();
		limiter.freed(this.#model.provider);
	}

	async #keep(finish: Finish): Promise<void> {
		const { asker, useKept, tally } = this.#call;
		if (!useKept || asker.projectId === null) return;
		const key = this.#guard.answers.keyOf(asker.projectId, this.#model, this.#options);
		tally.keys.push(key);
		await this.#guard.answers
			.keep(key, asker.projectId, [...this.#all, finish])
			.catch((error: unknown) => this.#guard.reportError(error, { part: "kept answers" }));
	}
}
