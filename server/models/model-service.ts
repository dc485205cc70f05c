import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import type { ModelProviderView } from "../../lib/protocol/index.ts";
import type { ModelService, Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import type { ModelGateway } from "./gateway.ts";
import { type StoredProvider, untested } from "./model-store.ts";
import { listPrice, pricesOf } from "./prices.ts";
import { probeModel } from "./probe.ts";

/** Models for the settings page and scripts: administrators only, except for what one's own deployments have used. */
export function createModelService(db: Kysely<Schema>, { store, limiter, ledger, guard }: ModelGateway): ModelService {
	async function viewOf(provider: StoredProvider): Promise<ModelProviderView> {
		const now = await limiter.status(provider.id);
		return {
			id: provider.id,
			kind: provider.kind,
			baseUrl: provider.base_url,
			hasKey: provider.key !== null,
			allowPrivate: provider.allow_private,
			requestsPerMinute: provider.requests_per_minute,
			tokensPerMinute: provider.tokens_per_minute,
			models: provider.models.map((model) => ({
				name: model.name,
				idleS: model.idleS,
				totalS: model.totalS,
				maxOutputTokens: model.maxOutputTokens ?? null,
				price: model.price ?? listPrice(provider.kind, model.name),
				priceFrom: model.price ? "own" : listPrice(provider.kind, model.name) ? "list" : null,
				capabilities: model.capabilities ?? untested,
			})),
			now: { ...now, pausedUntil: now.pausedUntil?.toISOString() ?? null },
		};
	}

	async function view() {
		const [providers, settings] = await Promise.all([store.providers(), store.settings()]);
		return { providers: await Promise.all(providers.map(viewOf)), settings, pricesOf };
	}

	return {
		async view(principal) {
			requireAdmin(principal);
			return view();
		},
		async setProvider(principal, id, input) {
			requireAdmin(principal);
			await store.setProvider(id, input);
			return view();
		},
		async deleteProvider(principal, id) {
			requireAdmin(principal);
			await store.deleteProvider(id);
		},
		async setSettings(principal, settings) {
			requireAdmin(principal);
			await store.setSettings(settings);
			return view();
		},
		async test(principal, ref, signal) {
			requireAdmin(principal);
			const result = await probeModel(guard, await store.model(ref), principal.user.id, signal);
			if (result.ok) await store.setCapabilities(ref, result.capabilities);
			return result;
		},
		async usage({ user }, deploymentId) {
			const row = await db.selectFrom("deployments").select("owner_id").where("id", "=", deploymentId).executeTakeFirst();
			if (!row || (row.owner_id !== user.id && user.role !== "admin")) throw new AppError("not_found");
			return ledger.usage(deploymentId);
		},
	};
}

function requireAdmin({ user }: Principal): void {
	if (user.role !== "admin") throw new AppError("forbidden");
}
