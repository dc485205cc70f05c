import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { ModelCapabilities, ModelPrice, ModelProviderKind } from "../../lib/protocol/index.ts";
import type { Secret } from "../secrets/secret.ts";
import type { LanguageModel } from "./sdk.ts";

/** A model with everything that is needed to call it. */
export interface ReadyModel {
	/** `provider/name` */
	ref: string;
	provider: string;
	kind: ModelProviderKind;
	baseUrl: string;
	allowPrivate: boolean;
	key: Secret | null;
	name: string;
	idleMs: number;
	totalMs: number;
	maxOutputTokens: number | null;
	price: ModelPrice | null;
	capabilities: ModelCapabilities;
}

/** Where each provider is unless an administrator says otherwise. */
export const ownBaseUrls: Readonly<Record<Exclude<ModelProviderKind, "openai-compatible">, string>> = {
	openai: "https://api.openai.com/v1",
	anthropic: "https://api.anthropic.com/v1",
	google: "https://generativelanguage.googleapis.com/v1beta",
};

/**
 * The SDK's model for one attempt. Key and address are always given, because the SDK would look for them in the environment.
 * OpenAI is spoken to by its chat completions, which keep nothing there.
 */
export function openModel({ kind, baseUrl, key, name, capabilities }: ReadyModel, fetch: typeof globalThis.fetch): LanguageModel {
	const options = { baseURL: baseUrl, apiKey: key?.reveal() ?? "none", fetch };
	switch (kind) {
		case "openai":
			return createOpenAI(options).chat(name);
		case "anthropic":
			return createAnthropic(options)(name);
		case "google":
			return createGoogle(options)(name);
		case "openai-compatible":
			return createOpenAICompatible({
				...options,
				name: "openai-compatible",
				apiKey: key?.reveal(),
				includeUsage: true,
				supportsStructuredOutputs: capabilities.jsonSchema === true,
			})(name);
	}
}

/** What a model can do that nobody has tested: the great providers' can give JSON by a schema, of others nothing is assumed. */
export function takesJsonSchema({ kind, capabilities }: ReadyModel): boolean {
	return capabilities.jsonSchema ?? kind !== "openai-compatible";
}
