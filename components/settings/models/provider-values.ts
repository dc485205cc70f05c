import {
	type ModelProviderKind,
	type ModelProviderView,
	modelProviderIdSchema,
	type SetModelProviderInput,
	setModelProviderSchema,
} from "#lib/protocol/index.ts";

/** A provider as it is typed: everything is text until it is read. */
export interface ProviderValues {
	id: string;
	kind: ModelProviderKind;
	baseUrl: string;
	/** Empty keeps the stored one. */
	key: string;
	allowPrivate: boolean;
	requestsPerMinute: string;
	tokensPerMinute: string;
	models: ModelValues[];
}

export interface ModelValues {
	/** Tells rows apart while their names change. */
	row: number;
	name: string;
	idleS: string;
	totalS: string;
	maxOutputTokens: string;
	inputPrice: string;
	outputPrice: string;
}

export const kindNames: Readonly<Record<ModelProviderKind, string>> = {
	openai: "OpenAI",
	anthropic: "Anthropic",
	google: "Google",
	"openai-compatible": "OpenAI-compatible",
};

export const emptyModel = (row: number): ModelValues => ({
	row,
	name: "",
	idleS: "",
	totalS: "",
	maxOutputTokens: "",
	inputPrice: "",
	outputPrice: "",
});

export const emptyProvider: ProviderValues = {
	id: "",
	kind: "openai",
	baseUrl: "",
	key: "",
	allowPrivate: false,
	requestsPerMinute: "",
	tokensPerMinute: "",
	models: [emptyModel(0)],
};

export function toProviderValues(provider: ModelProviderView): ProviderValues {
	return {
		id: provider.id,
		kind: provider.kind,
		baseUrl: provider.baseUrl,
		key: "",
		allowPrivate: provider.allowPrivate,
		requestsPerMinute: String(provider.requestsPerMinute),
		tokensPerMinute: String(provider.tokensPerMinute),
		models: provider.models.map((model, row) => {
			const own = model.priceFrom === "own" ? model.price : null;
			return {
				row,
				name: model.name,
				idleS: String(model.idleS),
				totalS: String(model.totalS),
				maxOutputTokens: String(model.maxOutputTokens ?? ""),
				inputPrice: String(own?.input ?? ""),
				outputPrice: String(own?.output ?? ""),
			};
		}),
	};
}

type Read = { id: string; input: SetModelProviderInput } | { problem: string };

/** What is sent, or the first thing that is wrong, as a sentence. Rows without a name are left out. */
export function readProvider(values: ProviderValues): Read {
	const id = values.id.trim();
	if (!modelProviderIdSchema.safeParse(id).success)
		return { problem: "The name may have small letters, digits and dashes, and begins and ends with a letter or digit." };
	const rows = values.models.filter(({ name }) => name.trim() !== "");
	if (rows.some(({ inputPrice, outputPrice }) => (inputPrice.trim() === "") !== (outputPrice.trim() === "")))
		return { problem: "A price has two figures: for what is sent and for what is answered." };
	const input = {
		kind: values.kind,
		baseUrl: text(values.baseUrl),
		key: text(values.key),
		allowPrivate: values.allowPrivate,
		requestsPerMinute: number(values.requestsPerMinute),
		tokensPerMinute: number(values.tokensPerMinute),
		models: rows.map((model) => ({
			name: model.name.trim(),
			idleS: number(model.idleS),
			totalS: number(model.totalS),
			maxOutputTokens: number(model.maxOutputTokens),
			price: model.inputPrice.trim() === "" ? undefined : { input: number(model.inputPrice), output: number(model.outputPrice) },
		})),
	};
	const parsed = setModelProviderSchema.safeParse(input);
	if (parsed.success) return { id, input: parsed.data };
	const [issue] = parsed.error.issues;
	return { problem: problemAt(issue?.path ?? []) };
}

const fields: Readonly<Record<string, string>> = {
	baseUrl: "The address has to begin with https:// or http://.",
	key: "The key may not have spaces or line breaks.",
	requestsPerMinute: "Requests a minute are a number from 1 to 10,000.",
	tokensPerMinute: "Tokens a minute are a number from 100 to 100,000,000.",
	name: "The name of a model may not have spaces.",
	idleS: "The longest silence is a number of seconds from 1 to 600.",
	totalS: "The time for a call is a number of seconds from 1 to 3,600.",
	maxOutputTokens: "The longest answer is a number of tokens from 16 to 1,000,000.",
	input: "A price is a number of US dollars.",
	output: "A price is a number of US dollars.",
};

function problemAt(path: readonly PropertyKey[]): string {
	return (
		path.map((part) => fields[String(part)]).findLast((sentence) => sentence !== undefined) ?? "Something in this form cannot be used."
	);
}

const text = (value: string): string | undefined => value.trim() || undefined;
/** NaN for what is no number, which no schema takes. */
const number = (value: string): number | undefined => (value.trim() === "" ? undefined : Number(value.trim().replaceAll(",", "")));
