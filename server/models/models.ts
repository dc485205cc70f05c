import type { ToolSet } from "ai";
import type { z } from "zod";
import type { AgentName, ModelPurpose, Outcome } from "../../lib/protocol/index.ts";

/** The one door to language models. Who calls knows nothing of providers, keys, limits and prices. */
export interface Models {
	/** True when a model is set up for this agent; without one, agents do without. */
	isReady(agent: AgentName): Promise<boolean>;
	/**
	 * Asks the agent's models, in their order, and answers when the last word is there. A model that does not do its part is a
	 * failed outcome; an aborted `signal` ends the request within 100 ms and is the outcome `cancelled`.
	 */
	run<T = string>(call: ModelCall<T>): Promise<Outcome<ModelAnswer<T>>>;
}

export interface ModelCall<T = string> {
	deploymentId: string;
	ownerId: string;
	projectId: string;
	agent: AgentName;
	/** What it is for, for the ledger. */
	purpose: ModelPurpose;
	system: string;
	prompt: string;
	/** Run between the model's turns, as often as it asks, up to `maxTurns` (16). */
	tools?: ToolSet;
	maxTurns?: number;
	/** What the answer has to be; without it, text. */
	output?: z.ZodType<T>;
	signal: AbortSignal;
	/** Every piece of text as it comes. Together they are the answer's `text`. */
	onText?(delta: string): void;
	/** Hears of a call of a tool that is none of `tools`, or that does not fit it; the model is told so and goes on. */
	onToolRefused?(tool: string, input: unknown): void;
	/** A sentence for people while nothing comes: "waiting for a model slot, ~12 s". */
	onWaiting?(sentence: string): void;
}

export interface ModelAnswer<T> {
	/** All text of all turns. */
	text: string;
	/** The parsed answer; the text where no `output` was asked for. */
	output: T;
	/** `provider/model` that answered last. */
	model: string;
	/** As the providers report them, together over all attempts and turns; null when one reports none. */
	tokens: { input: number; output: number } | null;
	/** null when a price is not known. */
	costUsd: number | null;
	/** True when every turn is the kept answer to an identical call. */
	cached: boolean;
	durationMs: number;
	/** Requests that were made: turns and repetitions. */
	attempts: number;
}
