import type { ModelPrice, ModelProviderKind } from "../../lib/protocol/index.ts";

/** Month in which the list below was written down. Prices change: an administrator's own figure wins. */
export const pricesOf = "2025-11";

/** Public list prices in US dollars for a million tokens: input, output. Long prompts may cost more; discounts are not known. */
const list: Readonly<Record<Exclude<ModelProviderKind, "openai-compatible">, Readonly<Record<string, readonly [number, number]>>>> = {
	openai: {
		"gpt-5": [1.25, 10],
		"gpt-5-mini": [0.25, 2],
		"gpt-5-nano": [0.05, 0.4],
		"gpt-4.1": [2, 8],
		"gpt-4.1-mini": [0.4, 1.6],
		"gpt-4.1-nano": [0.1, 0.4],
		"gpt-4o": [2.5, 10],
		"gpt-4o-mini": [0.15, 0.6],
		o3: [2, 8],
		"o4-mini": [1.1, 4.4],
	},
	anthropic: {
		"claude-opus-4-5": [5, 25],
		"claude-opus-4-1": [15, 75],
		"claude-sonnet-4-5": [3, 15],
		"claude-sonnet-4": [3, 15],
		"claude-haiku-4-5": [1, 5],
		"claude-3-5-haiku": [0.8, 4],
	},
	google: {
		"gemini-2.5-pro": [1.25, 10],
		"gemini-2.5-flash": [0.3, 2.5],
		"gemini-2.5-flash-lite": [0.1, 0.4],
		"gemini-2.0-flash": [0.1, 0.4],
	},
};

/** The list price of a provider's own model, also under its dated names; null when it is not known. */
export function listPrice(kind: ModelProviderKind, model: string): ModelPrice | null {
	if (kind === "openai-compatible") return null;
	const found = list[kind][model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "")];
	return found ? { input: found[0], output: found[1] } : null;
}

/** Null stays null: what is not known costs not nothing. */
export function costOf(price: ModelPrice | null, tokens: { input: number; output: number }): number | null {
	return price && (tokens.input * price.input + tokens.output * price.output) / 1_000_000;
}
