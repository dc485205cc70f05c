"use client";
import { useState } from "react";
import type { ModelProviderView, ModelView } from "#lib/protocol/index.ts";
import { ServerButton } from "../../live/server-button.tsx";
import { CallFailure } from "../../shell/call-failure.tsx";
import { AlertDialog } from "../../ui/alert-dialog.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { kindNames, toProviderValues } from "./provider-values.ts";
import { TestModel } from "./test-model.tsx";
import { useChangeModels } from "./use-models.ts";

const figure = new Intl.NumberFormat("en-GB");

/** One provider: where it is, what is left of its minute, its models with a test each. */
export function ProviderCard({ provider, pricesOf }: { provider: ModelProviderView; pricesOf: string }) {
	const [editing, setEditing] = useState(false);
	const { deleteProvider } = useChangeModels();
	if (editing)
		return (
			<ProviderForm
				initial={toProviderValues(provider)}
				stored={{ hasKey: provider.hasKey }}
				onDone={() => setEditing(false)}
				onCancel={() => setEditing(false)}
			/>
		);
	return (
		<section aria-label={provider.id} className="rounded-md border border-border p-4">
			<div className="flex flex-wrap items-start justify-between gap-3">
				<div className="min-w-0 flex-1 basis-56">
					<h3 className="flex flex-wrap items-center gap-2 font-medium">
						{provider.id}
						<Badge>{kindNames[provider.kind]}</Badge>
						<Badge tone={provider.hasKey || provider.kind === "openai-compatible" ? "neutral" : "warning"}>
							{provider.hasKey ? "Key stored" : "No key"}
						</Badge>
						{provider.allowPrivate && <Badge>Private addresses allowed</Badge>}
					</h3>
					<p className="mt-1 break-all font-mono text-muted-foreground text-xs">{provider.baseUrl}</p>
					<p className="mt-1 text-muted-foreground text-sm">{leftOf(provider)}</p>
				</div>
				<div className="flex gap-2">
					<Button variant="outline" size="sm" onClick={() => setEditing(true)}>
						Change<span className="sr-only"> {provider.id}</span>
					</Button>
					<AlertDialog
						title={`Remove ${provider.id}?`}
						description="Its key is deleted, and no agent uses its models any more."
						cancel="Keep it"
						action="Remove"
						destructive
						onAction={() => deleteProvider.mutate(provider.id)}
					>
						{(open) => (
							<ServerButton variant="ghost" size="sm" disabled={deleteProvider.isPending} onClick={open}>
								Remove<span className="sr-only"> {provider.id}</span>
							</ServerButton>
						)}
					</AlertDialog>
				</div>
			</div>
			<CallFailure error={deleteProvider.error} className="mt-3" />
			{provider.models.length > 0 ? (
				<ul className="mt-3 divide-y divide-border border-border border-t">
					{provider.models.map((model) => (
						<li key={model.name} className="grid gap-2 py-3">
							<p className="break-words text-sm">
								<span className="font-medium">{model.name}</span>
								<span className="block text-muted-foreground text-xs">{aboutModel(model, pricesOf)}</span>
							</p>
							<TestModel reference={`${provider.id}/${model.name}`} />
						</li>
					))}
				</ul>
			) : (
				<p className="mt-3 text-muted-foreground text-sm">It has no models yet. Change it to add one.</p>
			)}
		</section>
	);
}

function leftOf({ now, requestsPerMinute, tokensPerMinute }: ModelProviderView): string {
	if (now.pausedUntil) return `The provider asked to be left alone until ${new Date(now.pausedUntil).toLocaleTimeString("en-GB")}.`;
	const left = `${figure.format(now.requestsLeft)} of ${figure.format(requestsPerMinute)} requests and ${figure.format(now.tokensLeft)} of ${figure.format(tokensPerMinute)} tokens are left of this minute`;
	return now.waiting > 0 ? `${left}; ${now.waiting} wait for a slot.` : `${left}.`;
}

function aboutModel({ price, priceFrom, capabilities, idleS, totalS }: ModelView, pricesOf: string): string {
	const cost = price
		? `$${price.input} in, $${price.output} out for a million tokens${priceFrom === "list" ? `, list price of ${pricesOf}` : ""}`
		: "price not known";
	const can = ([name, able]: [string, boolean | null]) => `${name}: ${able === null ? "not tested" : able ? "yes" : "no"}`;
	const abilities = [
		can(["answers by a schema", capabilities.jsonSchema]),
		can(["tools", capabilities.tools]),
		can(["counts tokens", capabilities.usage]),
	];
	return [cost, ...abilities, `${idleS} s of silence, ${totalS} s in all`].join(" · ");
}
