import { type Tool, type ToolSet, tool } from "ai";
import type { z } from "zod";
import type { Outcome } from "../../../lib/protocol/index.ts";
import type { Work } from "../agent.ts";
import { cutTo } from "../cut-to.ts";

/** What a tool answers the model, and what people are told of the call. */
export interface ToolResult {
	/** For the model. */
	answer: string;
	/** For people, in short. */
	told: string;
	file?: string;
	/** What was changed, as a unified diff. */
	diff?: string;
}

export interface ToolKind<Input> {
	/** For the model: what it does. */
	description: string;
	input: z.ZodType<Input>;
	/** What it was asked, for people. */
	shown(input: Input): string;
	/** A failed outcome is a refusal: the model and people are told why, and nothing was done. */
	run(input: Input): Promise<Outcome<ToolResult>>;
}

/** Calls of all tools together in one answer of an agent. */
const maxCalls = 40;
/** What an event holds of a diff, and of each sentence. */
const maxDiffBytes = 12 * 1024;
const maxShownBytes = 900;

/** The tools of an agent. Each call becomes an event, refused ones as well; too many are refused. */
export class ToolBox {
	readonly #work: Work;
	readonly #tools: ToolSet = {};
	#calls = 0;

	constructor(work: Work) {
		this.#work = work;
	}

	get tools(): ToolSet {
		return this.#tools;
	}

	add<Input>(name: string, { description, input, shown, run }: ToolKind<Input>): this {
		const execute = async (asked: Input): Promise<string> => {
			this.#work.signal.throwIfAborted();
			const outcome: Outcome<ToolResult> =
				++this.#calls > maxCalls ? { ok: false, failure: { code: "forbidden", message: "Too many calls of tools." } } : await run(asked);
			const words = shown(asked);
			if (!outcome.ok) return this.refuse(name, words, outcome.failure.message ?? "This is not allowed.");
			const { answer, told, file, diff } = outcome.value;
			this.#tell(name, words, { ok: true, result: told, file, diff });
			return answer;
		};
		this.#tools[name] = tool({ description, inputSchema: input, execute } as unknown as Tool<Input, string>) as Tool;
		return this;
	}

	/** Tells people that something was asked for and not done; answers what the model is told. */
	refuse(name: string, asked: string, why: string): string {
		this.#tell(name, asked, { ok: false, result: why });
		return `Refused: ${why}`;
	}

	#tell(name: string, asked: string, { ok, result, file, diff }: { ok: boolean; result: string; file?: string; diff?: string }): void {
		const clean = (text: string, maxBytes = maxShownBytes) => cutTo(maxBytes, this.#work.redact(text));
		const tool = clean(name, 60);
		const told = clean(result);
		this.#work.say({
			type: "tool_called",
			content: ok ? told : `Refused what the model asked of ${tool}: ${told}`,
			metadata: {
				tool,
				input: clean(asked),
				ok,
				result: told,
				file: file ?? null,
				diff: diff === undefined ? null : clean(diff, maxDiffBytes),
			},
		});
	}
}
