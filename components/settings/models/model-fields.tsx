import { Field } from "../../ui/field.tsx";
import { Input } from "../../ui/input.tsx";
import type { ModelValues } from "./provider-values.ts";

type Figure = Exclude<keyof ModelValues, "row" | "name">;

/** One model of a provider: its name, and behind a fold its time-outs, its longest answer and its price. */
export function ModelFields({ id, model, onChange }: { id: string; model: ModelValues; onChange: (model: ModelValues) => void }) {
	const figure = (name: Figure, label: string, placeholder: string) => (
		<Field id={`${id}-${name}`} label={label}>
			{(control) => (
				<Input
					{...control}
					inputMode="decimal"
					autoComplete="off"
					maxLength={10}
					placeholder={placeholder}
					value={model[name]}
					onChange={(event) => onChange({ ...model, [name]: event.target.value })}
				/>
			)}
		</Field>
	);
	return (
		<div className="min-w-0 flex-1">
			<Field id={`${id}-name`} label="Name of the model" hint="As the provider calls it.">
				{(control) => (
					<Input
						{...control}
						autoComplete="off"
						autoCapitalize="none"
						spellCheck={false}
						maxLength={200}
						value={model.name}
						onChange={(event) => onChange({ ...model, name: event.target.value })}
					/>
				)}
			</Field>
			<details className="mt-2 text-sm">
				<summary className="text-muted-foreground">Time-outs and price</summary>
				<div className="mt-2 grid grid-cols-2 gap-3 sm:grid-cols-3">
					{figure("idleS", "Longest silence, in seconds", "30")}
					{figure("totalS", "Time for a call, in seconds", "120")}
					{figure("maxOutputTokens", "Longest answer, in tokens", "its own")}
					{figure("inputPrice", "$ for a million tokens sent", "list price")}
					{figure("outputPrice", "$ for a million answered", "list price")}
				</div>
			</details>
		</div>
	);
}
