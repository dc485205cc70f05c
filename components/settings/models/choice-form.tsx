"use client";
import { type FormEvent, useId, useState } from "react";
import { type AgentName, agents, type ModelSettings, type ModelsView } from "#lib/protocol/index.ts";
import { ServerButton } from "../../live/server-button.tsx";
import { CallFailure } from "../../shell/call-failure.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Field } from "../../ui/field.tsx";
import { Input, NativeSelect } from "../../ui/input.tsx";
import { Label } from "../../ui/label.tsx";
import { useChangeModels } from "./use-models.ts";

const places = ["First", "then", "then"] as const;

/** The order of models for everybody and for single agents, the budget of a deployment, kept answers. */
export function ChoiceForm({ view }: { view: ModelsView }) {
	const [settings, setSettings] = useState(view.settings);
	const [budget, setBudget] = useState({ tokens: String(view.settings.budget.tokens ?? ""), usd: String(view.settings.budget.usd ?? "") });
	const [problem, setProblem] = useState<"tokens" | "usd" | null>(null);
	const id = useId();
	const { setSettings: save } = useChangeModels();
	const references = view.providers.flatMap((provider) => provider.models.map(({ name }) => `${provider.id}/${name}`));

	function send(event: FormEvent) {
		event.preventDefault();
		const tokens = readLimit(budget.tokens);
		const usd = readLimit(budget.usd);
		const wrong =
			tokens === undefined || (tokens !== null && (!Number.isInteger(tokens) || tokens < 1)) ? "tokens" : usd === undefined ? "usd" : null;
		setProblem(wrong);
		if (wrong === null) save.mutate({ ...settings, budget: { tokens: tokens ?? null, usd: usd ?? null } });
	}
	const setAgent = (agent: AgentName, order: string[] | undefined) => {
		const { [agent]: _, ...others } = settings.agents;
		setSettings({ ...settings, agents: order === undefined ? others : { ...others, [agent]: order } });
	};
	return (
		<form onSubmit={send} noValidate aria-label="Who uses which model" className="grid gap-5">
			<div className="grid gap-3">
				<OrderRow
					id={`${id}-all`}
					name="Every agent"
					order={settings.order}
					references={references}
					onChange={(order) => setSettings({ ...settings, order })}
				/>
				{agents.map((agent) => (
					<OrderRow
						key={agent}
						id={`${id}-${agent}`}
						name={agent}
						order={settings.agents[agent]}
						references={references}
						onChange={(order) => setAgent(agent, order)}
						onInherit={() => setAgent(agent, undefined)}
					/>
				))}
			</div>
			<div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
				<Field
					id={`${id}-tokens`}
					label="Tokens a deployment may use"
					hint="Empty is no limit."
					problem={problem === "tokens" ? "This has to be a whole number of tokens, or empty." : null}
				>
					{(control) => (
						<Input
							{...control}
							inputMode="numeric"
							autoComplete="off"
							maxLength={12}
							value={budget.tokens}
							onChange={(event) => setBudget({ ...budget, tokens: event.target.value })}
						/>
					)}
				</Field>
				<Field
					id={`${id}-usd`}
					label="US dollars a deployment may use"
					hint="Empty is no limit. Models whose price is not known count in tokens only."
					problem={problem === "usd" ? "This has to be a number of US dollars, or empty." : null}
				>
					{(control) => (
						<Input
							{...control}
							inputMode="decimal"
							autoComplete="off"
							maxLength={12}
							value={budget.usd}
							onChange={(event) => setBudget({ ...budget, usd: event.target.value })}
						/>
					)}
				</Field>
			</div>
			<Label htmlFor={`${id}-cache`} className="flex min-h-8 items-start gap-2 font-normal">
				<Checkbox
					id={`${id}-cache`}
					checked={settings.cache}
					onChange={(event) => setSettings({ ...settings, cache: event.target.checked })}
				/>
				<span>
					Keep answers for a day
					<span className="block text-muted-foreground text-xs">
						The same question in the same project gets the kept answer, and says so.
					</span>
				</span>
			</Label>
			<CallFailure error={save.error} />
			<div className="flex flex-wrap items-center gap-3">
				<ServerButton type="submit" size="sm" disabled={save.isPending}>
					{save.isPending ? "Saving…" : "Save the choice"}
				</ServerButton>
				<output className="text-muted-foreground text-sm">{save.isSuccess && "Saved. It counts from the next question on."}</output>
			</div>
		</form>
	);
}

interface OrderRowProps {
	id: string;
	name: string;
	/** Absent: as everybody. */
	order: ModelSettings["order"] | undefined;
	references: readonly string[];
	onChange: (order: string[]) => void;
	onInherit?: () => void;
}

function OrderRow({ id, name, order, references, onChange, onInherit }: OrderRowProps) {
	const set = (place: number, value: string) => {
		if (value === "inherit") return onInherit?.();
		const next = places.map((_, index) => (index === place ? value : (order?.[index] ?? "")));
		onChange([...new Set(next.filter((reference) => reference !== ""))]);
	};
	return (
		<fieldset className="grid grid-cols-1 gap-2 sm:grid-cols-[8rem_repeat(3,minmax(0,1fr))] sm:items-center">
			<legend className="sr-only">{name}</legend>
			<span aria-hidden="true" className="font-medium text-sm">
				{name}
			</span>
			{places.slice(0, order === undefined ? 1 : Math.min(places.length, order.length + 1)).map((word, place) => (
				<NativeSelect
					// biome-ignore lint/suspicious/noArrayIndexKey: a place is its index
					key={place}
					id={`${id}-${place}`}
					aria-label={`${name}, ${word.toLowerCase()}`}
					value={order === undefined ? "inherit" : (order[place] ?? "")}
					onChange={(event) => set(place, event.target.value)}
				>
					{place === 0 && onInherit && <option value="inherit">as every agent</option>}
					<option value="">{place === 0 ? "no model" : "nobody else"}</option>
					{references.map((reference) => (
						<option key={reference} value={reference}>
							{reference}
						</option>
					))}
				</NativeSelect>
			))}
		</fieldset>
	);
}

/** null without a limit, undefined for what is no number. */
function readLimit(text: string): number | null | undefined {
	if (text.trim() === "") return null;
	const value = Number(text.trim().replaceAll(",", ""));
	return Number.isFinite(value) && value >= 0 ? value : undefined;
}
