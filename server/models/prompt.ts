import { createRedactor } from "../secrets/redact.ts";
import { type ReadyModel, takesJsonSchema } from "./providers.ts";
import type { CallOptions } from "./sdk.ts";

const charsPerToken = 3.5;
/** What an answer is counted with until it is known. */
const answerTokens = 1000;

/** The request as this model takes it: without keys of known forms, and with the wanted form in words where it takes no schema. */
export function promptFor(model: ReadyModel, options: CallOptions): CallOptions {
	const { responseFormat } = options;
	const prompt = withoutKeys(options.prompt);
	const limited = { ...options, maxOutputTokens: options.maxOutputTokens ?? model.maxOutputTokens ?? undefined };
	if (responseFormat?.type !== "json" || takesJsonSchema(model)) return { ...limited, prompt };
	const wish = `Answer with one JSON value and nothing else. It has to fit this JSON schema:\n${JSON.stringify(responseFormat.schema)}`;
	return { ...limited, responseFormat: undefined, prompt: [{ role: "system", content: wish }, ...prompt] };
}

/** How many tokens a request may take, before anybody knows. */
export function estimateTokens(options: CallOptions): { input: number; output: number } {
	const text = JSON.stringify([options.prompt, options.tools ?? [], options.responseFormat ?? null]);
	return { input: tokensIn(text.length), output: answerTokens };
}

export const tokensIn = (characters: number): number => Math.ceil(characters / charsPerToken);

/** Repositories hold keys by mistake; none of a known form leaves for a provider. */
function withoutKeys(prompt: CallOptions["prompt"]): CallOptions["prompt"] {
	const { redact } = createRedactor([]);
	const clean = (value: unknown): unknown => {
		if (typeof value === "string") return redact(value);
		if (Array.isArray(value)) return value.map(clean);
		if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
		return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, name === "providerOptions" ? part : clean(part)]));
	};
	return clean(prompt) as CallOptions["prompt"];
}
