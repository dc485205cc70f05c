import { ulid } from "ulid";
import { type ModelSettingsInput, modelSettingsSchema, type SetModelProviderInput, setModelProviderSchema } from "#lib/protocol/index.ts";
import { type GatewayOptions, type ModelGateway, openModelGateway } from "#server/models/gateway.ts";
import type { ModelAnswer, ModelCall } from "#server/models/models.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import type { TestDatabase } from "./database.ts";

/** Not of a known form, so that nothing but knowing it can hide it. */
export const testKey = "key/of-the-tests/4711-abcdefgh";

/** A gateway of one node over a real database, with short waits between attempts. */
export function openTestGateway({ db }: Pick<TestDatabase, "db">, options: Partial<GatewayOptions> = {}): Promise<ModelGateway> {
	return openModelGateway({
		db,
		encryption: createEncryption(new Secret("a secret of the tests of models")),
		nodeId: "node-1",
		reportError: (error) => {
			throw error;
		},
		backoffMs: [10, 20],
		...options,
	});
}

type ProviderInput = Partial<SetModelProviderInput> & { baseUrl: string };

/** A provider at an address of this machine, with one model `m` and no limits that matter. */
export async function addProvider({ store }: ModelGateway, id: string, input: ProviderInput): Promise<void> {
	const defaults = {
		kind: "openai-compatible",
		key: testKey,
		allowPrivate: true,
		requestsPerMinute: 1000,
		tokensPerMinute: 10_000_000,
		models: [{ name: "m" }],
	};
	await store.setProvider(id, setModelProviderSchema.parse({ ...defaults, ...input }));
}

export async function chooseModels({ store }: ModelGateway, order: string[], settings: ModelSettingsInput = {}): Promise<void> {
	await store.setSettings(modelSettingsSchema.parse({ cache: false, ...settings, order }));
}

/** A call of a deployment of its own. */
export function callOf<T = string>(call: Partial<ModelCall<T>> = {}): ModelCall<T> {
	return {
		deploymentId: ulid(),
		ownerId: "owner",
		projectId: "project",
		agent: "Architect",
		purpose: "plan",
		system: "You plan.",
		prompt: "Plan a landing page.",
		signal: new AbortController().signal,
		...call,
	};
}

/** The answer of a call that has to succeed. */
export async function ask<T = string>(gateway: ModelGateway, call: Partial<ModelCall<T>> = {}): Promise<ModelAnswer<T>> {
	const outcome = await gateway.run<T>(callOf<T>(call));
	if (!outcome.ok) throw new Error(`${outcome.failure.code}: ${outcome.failure.lines?.join(" ")}`);
	return outcome.value;
}

/** The failure of a call that has to fail. */
export async function fail(gateway: ModelGateway, call: Partial<ModelCall> = {}) {
	const outcome = await gateway.run(callOf(call));
	if (outcome.ok) throw new Error(`It succeeded: ${outcome.value.text}`);
	return outcome.failure;
}
