import type { Kysely, Transaction } from "kysely";
import { AppError } from "../../lib/errors.ts";
import {
	type AgentName,
	type ModelCapabilities,
	type ModelSettings,
	modelSettingsSchema,
	type SetModelProvider,
} from "../../lib/protocol/index.ts";
import type { Schema, StoredModel } from "../db/schema.ts";
import type { Encryption } from "../secrets/encryption.ts";
import { Secret } from "../secrets/secret.ts";
import type { News } from "../streams/news.ts";
import { listPrice } from "./prices.ts";
import { ownBaseUrls, type ReadyModel } from "./providers.ts";
import { remember } from "./remembered.ts";

/** What administrators set up: providers with their encrypted keys, and who uses which model. */
export interface ModelStore {
	settings(): Promise<ModelSettings>;
	/** Throws `bad_request` when it names a model that is not there. */
	setSettings(settings: ModelSettings): Promise<ModelSettings>;
	providers(): Promise<StoredProvider[]>;
	/** Throws `bad_request` for an address or a key that cannot be. */
	setProvider(id: string, input: SetModelProvider): Promise<void>;
	/** Its models leave every order. Throws `not_found`. */
	deleteProvider(id: string): Promise<void>;
	/** The models of an agent in their order, with the settings that go with them; those that are not there are left out. */
	modelsFor(agent: AgentName): Promise<{ models: ReadyModel[]; settings: ModelSettings }>;
	/** Throws `not_found`. */
	model(ref: string): Promise<ReadyModel>;
	setCapabilities(ref: string, capabilities: ModelCapabilities): Promise<void>;
	/** Every key in clear, for those who must hide them. */
	keys(): Promise<string[]>;
}

export type StoredProvider = Awaited<ReturnType<typeof readProviders>>[number];

const topic = "models";
/** For the case that news got lost on its way from another node. */
const mostKeptMs = 30_000;
const settingsKey = "model-settings";
const keyPurpose = "model_providers.key";
const maxProviders = 50;
export const untested: ModelCapabilities = { jsonSchema: null, tools: null, usage: null };

/** What is known of them is kept in memory; without `news`, this node is the only one that changes it. */
export function createModelStore(db: Kysely<Schema>, encryption: Encryption, news?: News): ModelStore {
	const known = remember(async () => {
		const [settings, providers] = await Promise.all([readSettings(db), readProviders(db)]);
		return { settings, providers };
	}, mostKeptMs);
	news?.onNews(topic, known.forget);
	const changed = (): void => {
		known.forget();
		news?.tell(topic);
	};

	const openKey = ({ id, key }: StoredProvider): Secret | null => (key ? new Secret(encryption.open(keyPurpose, id, key)) : null);

	const sealKey = (id: string, key: string | null): Uint8Array | null => (key === null ? null : encryption.seal(keyPurpose, id, key));

	function ready(provider: StoredProvider, model: StoredModel): ReadyModel {
		return {
			ref: `${provider.id}/${model.name}`,
			provider: provider.id,
			kind: provider.kind,
			baseUrl: provider.base_url,
			allowPrivate: provider.allow_private,
			key: openKey(provider),
			name: model.name,
			idleMs: model.idleS * 1000,
			totalMs: model.totalS * 1000,
			maxOutputTokens: model.maxOutputTokens ?? null,
			price: model.price ?? listPrice(provider.kind, model.name),
			capabilities: model.capabilities ?? untested,
		};
	}

	function find(providers: readonly StoredProvider[], ref: string): ReadyModel | null {
		const [id, name] = splitRef(ref);
		const provider = providers.find((candidate) => candidate.id === id);
		const model = provider?.models.find((candidate) => candidate.name === name);
		return provider && model ? ready(provider, model) : null;
	}

	return {
		settings: () => readSettings(db),
		async setSettings(settings) {
			const providers = await readProviders(db);
			const unknown = refsIn(settings).find((ref) => !find(providers, ref));
			if (unknown !== undefined)
				throw new AppError("bad_request", { message: `There is no model “${unknown}”.`, action: "Add it to its provider first." });
			await writeSettings(db, settings);
			changed();
			return settings;
		},
		providers: () => readProviders(db),
		async setProvider(id, input) {
			await db.transaction().execute(async (trx) => {
				const existing = await trx.selectFrom("model_providers").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
				const baseUrl = baseUrlOf(input);
				refuseBadProvider(input, baseUrl, existing);
				if (!existing && (await readProviders(trx)).length >= maxProviders)
					throw new AppError("conflict", { message: `There may be ${maxProviders} providers.` });
				const key = input.key === undefined ? (existing?.key ?? null) : sealKey(id, input.key);
				const tested = new Map(existing?.base_url === baseUrl ? existing.models.map(({ name, capabilities }) => [name, capabilities]) : []);
				const row = {
					id,
					kind: input.kind,
					base_url: baseUrl,
					key,
					allow_private: input.allowPrivate,
					requests_per_minute: input.requestsPerMinute,
					tokens_per_minute: input.tokensPerMinute,
					models: JSON.stringify(input.models.map((model) => ({ ...model, capabilities: tested.get(model.name) }))),
					// What held the one before back says nothing about this one.
					paused_until: null,
				};
				await trx
					.insertInto("model_providers")
					.values(row)
					.onConflict((conflict) => conflict.column("id").doUpdateSet(row))
					.execute();
				await dropUnknown(trx, find);
			});
			changed();
		},
		async deleteProvider(id) {
			await db.transaction().execute(async (trx) => {
				const row = await trx.deleteFrom("model_providers").where("id", "=", id).returning("id").executeTakeFirst();
				if (!row) throw new AppError("not_found");
				await dropUnknown(trx, find);
			});
			changed();
		},
		async modelsFor(agent) {
			const { settings, providers } = await known.get();
			const order = settings.agents[agent] ?? settings.order;
			return { settings, models: order.flatMap((ref) => find(providers, ref) ?? []) };
		},
		async model(ref) {
			const found = find(await readProviders(db), ref);
			if (!found) throw new AppError("not_found", { message: `There is no model “${ref}”.` });
			return found;
		},
		async setCapabilities(ref, capabilities) {
			const [id, name] = splitRef(ref);
			await db.transaction().execute(async (trx) => {
				const row = await trx.selectFrom("model_providers").select("models").where("id", "=", id).forUpdate().executeTakeFirst();
				const models = row?.models.map((model) => (model.name === name ? { ...model, capabilities } : model));
				if (models)
					await trx
						.updateTable("model_providers")
						.set({ models: JSON.stringify(models) })
						.where("id", "=", id)
						.execute();
			});
			changed();
		},
		async keys() {
			return (await readProviders(db)).flatMap((provider) => openKey(provider)?.reveal() ?? []);
		},
	};
}

/** A model's own name may have slashes. */
function splitRef(ref: string): [provider: string, name: string] {
	const slash = ref.indexOf("/");
	return [ref.slice(0, slash), ref.slice(slash + 1)];
}

const refsIn = ({ order, agents }: ModelSettings): string[] => [...order, ...Object.values(agents).flat()];

function readProviders(db: Kysely<Schema>) {
	return db.selectFrom("model_providers").selectAll().orderBy("created_at").orderBy("id").execute();
}

async function readSettings(db: Kysely<Schema>): Promise<ModelSettings> {
	const row = await db.selectFrom("meta").select("value").where("key", "=", settingsKey).executeTakeFirst();
	return modelSettingsSchema.parse(row ? JSON.parse(row.value) : {});
}

async function writeSettings(db: Kysely<Schema>, settings: ModelSettings): Promise<void> {
	const row = { key: settingsKey, value: JSON.stringify(settings) };
	await db
		.insertInto("meta")
		.values(row)
		.onConflict((conflict) => conflict.column("key").doUpdateSet(row))
		.execute();
}

async function dropUnknown(
	trx: Transaction<Schema>,
	find: (providers: readonly StoredProvider[], ref: string) => ReadyModel | null,
): Promise<void> {
	const [settings, providers] = [await readSettings(trx), await readProviders(trx)];
	const kept = (order: readonly string[]) => order.filter((ref) => find(providers, ref));
	const agents = Object.entries(settings.agents).map(([agent, order]) => [agent, order, kept(order)] as const);
	await writeSettings(trx, {
		...settings,
		order: kept(settings.order),
		// An agent whose own models are all gone has the order of the others again; one that was given none keeps none.
		agents: Object.fromEntries(
			agents.flatMap(([agent, before, order]) => (before.length > 0 && order.length === 0 ? [] : [[agent, order]])),
		),
	});
}

function baseUrlOf({ kind, baseUrl }: SetModelProvider): string {
	if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, "");
	if (kind === "openai-compatible") throw new AppError("bad_request", { message: "“baseUrl” is missing.", data: { field: "baseUrl" } });
	return ownBaseUrls[kind];
}

function refuseBadProvider(
	{ kind, key, allowPrivate, models }: SetModelProvider,
	baseUrl: string,
	existing: StoredProvider | undefined,
): void {
	const refuse = (field: string, message: string, action?: string) => {
		throw new AppError("bad_request", { message, action, data: { field } });
	};
	const url = new URL(baseUrl);
	if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
		refuse("baseUrl", "The address may not have a user, a password, a query or a fragment.", "Enter the key in its own field.");
	if (url.port === "25") refuse("baseUrl", "Nothing that answers at port 25 is a model.");
	if (url.protocol === "http:" && !allowPrivate)
		refuse(
			"baseUrl",
			"The address is not encrypted.",
			"Use https, or allow private addresses for a model on this machine or in your network.",
		);
	// Whoever may not read a key must not be able to have it sent to a place of their own.
	if (existing?.key && key === undefined && new URL(existing.base_url).origin !== url.origin)
		refuse("key", "The address is another one, so the stored key is not used for it.", "Enter the key for the new address.");
	const hasKey = key === undefined ? existing?.key != null : key !== null;
	if (!hasKey && kind !== "openai-compatible") refuse("key", "This provider needs a key.", "Enter the key you got from the provider.");
	if (new Set(models.map(({ name }) => name)).size < models.length) refuse("models", "A model is named twice.");
}
