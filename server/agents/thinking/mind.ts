import type { z } from "zod";
import type { Metadata, WorkFailure } from "../../../lib/protocol/index.ts";
import type { StageResult, Work } from "../agent.ts";
import type { Material } from "./prompt.ts";
import type { ToolBox } from "./tool-box.ts";

/** What came of an agent's own work, which a model is to put into words. */
export type Found = { result: StageResult; planned: Metadata<"plan_generated"> | null } | { failure: WorkFailure };

/** What a model adds to one of the five: words, never decisions. */
export interface Mind<T extends Answer = Answer> {
	/** Who it is and what its message is about. */
	instructions: string;
	/** The request at the end of the prompt. */
	request(found: Found): string;
	/** What it is given to read, besides what the agents before it said and what was measured. */
	materials(work: Work, found: Found): Promise<Material[]>;
	/** Adds the tools it may use. */
	equip?(box: ToolBox, work: Work): Promise<unknown>;
	output: z.ZodType<T>;
	/** What is said after the message, from the rest of the answer. */
	rest?(answer: T): string;
}

export interface Answer {
	/** For people; it is shown as it grows. */
	message: string;
}
