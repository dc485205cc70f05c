"use client";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { ModelsView } from "#lib/protocol/index.ts";
import { QueryState } from "../../shell/query-state.tsx";
import { Button } from "../../ui/button.tsx";
import { Panel } from "../../ui/panel.tsx";
import { ChoiceForm } from "./choice-form.tsx";
import { ProviderCard } from "./provider-card.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { emptyProvider } from "./provider-values.ts";
import { useModels } from "./use-models.ts";

/** Providers with their keys and models, and who uses which of them. */
export function ModelsPanel() {
	const models = useModels();
	return (
		<QueryState what="models" query={models}>
			{(view) => <Models view={view} />}
		</QueryState>
	);
}

function Models({ view }: { view: ModelsView }) {
	const [adding, setAdding] = useState(false);
	const { providers, pricesOf } = view;
	return (
		<div className="grid grid-cols-1 gap-5">
			<Panel
				title="Providers"
				about="Keys are kept encrypted and are never shown again."
				action={
					!adding && (
						<Button size="sm" variant={providers.length === 0 ? "default" : "outline"} onClick={() => setAdding(true)}>
							<Plus aria-hidden="true" /> Add a provider
						</Button>
					)
				}
			>
				<div className="grid gap-4">
					{adding && (
						<ProviderForm
							initial={emptyProvider}
							taken={providers.map(({ id }) => id)}
							onDone={() => setAdding(false)}
							onCancel={() => setAdding(false)}
						/>
					)}
					{providers.length === 0 && !adding && (
						<p className="text-muted-foreground text-sm">
							There is no model yet. Repositories are deployed without one. With one, the agents explain, plan and write.
						</p>
					)}
					{providers.map((provider) => (
						<ProviderCard key={provider.id} provider={provider} pricesOf={pricesOf} />
					))}
				</div>
			</Panel>
			{providers.some(({ models }) => models.length > 0) && (
				<Panel title="Who uses which model" about="The first one is asked; when it does not answer, the next.">
					<ChoiceForm view={view} />
				</Panel>
			)}
		</div>
	);
}
