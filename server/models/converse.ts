import { isStepCount, streamText, type ToolSet } from "ai";
import { z } from "zod";
import { faultOf, ModelFault } from "./fault.ts";
import type { Tally } from "./guard.ts";
import type { CallOptions, LanguageModel } from "./sdk.ts";

interface Conversation {
	system: string;
	prompt: string;
	tools?: ToolSet;
	maxTurns?: number;
	signal: AbortSignal;
	onText?(delta: string): void;
	onToolRefused?(tool: string, input: unknown): void;
}

const defaultTurns = 16;

// The SDK's warnings would go to the console.
(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

/** All turns with the tools between them; the SDK retries nothing and records nothing. */
export async function converse(call: Conversation, model: LanguageModel, tally: Tally): Promise<string> {
	const turns = call.maxTurns ?? defaultTurns;
	const result = streamText<ToolSet>({
		model,
		instructions: call.system,
		prompt: call.prompt,
		tools: call.tools,
		stopWhen: isStepCount(turns),
		maxRetries: 0,
		telemetry: { isEnabled: false },
		abortSignal: call.signal,
		onError: () => undefined,
	});
	let text = "";
	let reason = "";
	try {
		for await (const part of result.stream) {
			if (part.type === "text-delta" && part.text !== "") {
				text += part.text;
				call.onText?.(part.text);
			} else if (part.type === "tool-call" && part.invalid) call.onToolRefused?.(part.toolName, part.input);
			else if (part.type === "finish") reason = part.finishReason;
			else if (part.type === "error") throw tally.failure ?? faultOf(part.error);
			else if (part.type === "abort") throw new ModelFault("cancelled");
		}
	} catch (error) {
		if (call.signal.aborted) throw new ModelFault("cancelled");
		throw tally.failure ?? faultOf(error);
	}
	if (tally.failure) throw tally.failure;
	if (reason === "tool-calls") throw new ModelFault("model_malformed", { detail: `It did not come to an end within ${turns} turns.` });
	return text;
}

/** Asks for JSON by schema in every turn; what comes is parsed by ourselves, because the SDK repairs nothing. */
export function asJson<T>(model: LanguageModel, output: z.ZodType<T> | undefined): LanguageModel {
	if (!output) return model;
	const { $schema: _, ...schema } = z.toJSONSchema(output, { unrepresentable: "any", io: "input" });
	const responseFormat = { type: "json", schema } as CallOptions["responseFormat"];
	return { ...model, doStream: (options) => model.doStream({ ...options, responseFormat }) };
}
