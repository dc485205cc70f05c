import type { KeptAnswers } from "./answers.ts";
import type { Asker, Budget, Tokens } from "./call-row.ts";
import type { ModelLedger } from "./ledger.ts";
import type { Limiter } from "./limiter.ts";
import type { ReadyModel } from "./providers.ts";
import type { Transport } from "./transport.ts";

/** What every call goes through, wired once. */
export interface Guard {
	limiter: Limiter;
	ledger: ModelLedger;
	answers: KeptAnswers;
	transport: Transport;
	reportError: (error: unknown, context: Record<string, string>) => void;
	/** Waits between the attempts; a quarter of each is added at random. */
	backoffMs?: readonly number[];
}

/** One caller's wish: who asks, which models in which order, what it may cost. */
export interface GuardedCall {
	asker: Asker;
	models: readonly ReadyModel[];
	budget: Budget;
	/** Kept answers may be used, and this one may be kept. */
	useKept: boolean;
	attempts: number;
	signal: AbortSignal;
	onWaiting(sentence: string): void;
	/** Hears of every attempt and every answer. */
	tally: Tally;
}

/** What a call came to, over all its turns. */
export interface Tally {
	attempts: number;
	turns: number;
	keptTurns: number;
	keys: string[];
	model: string;
	/** null when one did not say. */
	tokens: Tokens | null;
	costUsd: number | null;
	/** Settle when their answers have their ends in the ledger. */
	open: Promise<void>[];
	/** What was thrown, if anything was. The SDK wraps what is thrown through it. */
	failure: unknown;
}

export const newTally = (): Tally => ({
	attempts: 0,
	turns: 0,
	keptTurns: 0,
	keys: [],
	model: "",
	tokens: { input: 0, output: 0 },
	costUsd: 0,
	open: [],
	failure: null,
});
