"use client";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { type ModelProviderKind, modelProviderKinds } from "#lib/protocol/index.ts";
import { ServerButton } from "../../live/server-button.tsx";
import { CallFailure } from "../../shell/call-failure.tsx";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Field } from "../../ui/field.tsx";
import { Input, NativeSelect } from "../../ui/input.tsx";
import { Label } from "../../ui/label.tsx";
import { ModelFields } from "./model-fields.tsx";
import { emptyModel, kindNames, type ProviderValues, readProvider } from "./provider-values.ts";
import { useChangeModels } from "./use-models.ts";

interface ProviderFormProps {
	initial: ProviderValues;
	/** Set for a provider that is there already: its name stays. */
	stored?: { hasKey: boolean };
	/** Names of others. */
	taken?: readonly string[];
	onDone: () => void;
	onCancel: () => void;
}

/** Adds a provider or changes one. The key is write-only: an empty field keeps the stored one. */
export function ProviderForm({ initial, stored, taken = [], onDone, onCancel }: ProviderFormProps) {
	const [values, setValues] = useState(initial);
	const [problem, setProblem] = useState<string | null>(null);
	const id = useId();
	const { setProvider } = useChangeModels();
	const set = (change: Partial<ProviderValues>) => setValues({ ...values, ...change });

	function send(event: FormEvent) {
		event.preventDefault();
		const read = taken.includes(values.id.trim())
			? { problem: `There is a provider “${values.id.trim()}” already.` }
			: readProvider(values);
		setProblem("problem" in read ? read.problem : null);
		if ("input" in read) setProvider.mutate(read, { onSuccess: onDone });
	}
	const number = (name: "requestsPerMinute" | "tokensPerMinute", label: string, placeholder: string) => (
		<Field id={`${id}-${name}`} label={label}>
			{(control) => (
				<Input
					{...control}
					inputMode="numeric"
					autoComplete="off"
					maxLength={11}
					placeholder={placeholder}
					value={values[name]}
					onChange={(event) => set({ [name]: event.target.value })}
				/>
			)}
		</Field>
	);
	return (
		<form
			onSubmit={send}
			noValidate
			aria-label={stored ? `Change ${initial.id}` : "New provider"}
			className="grid gap-4 rounded-md border border-border p-4"
		>
			<div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
				<Field id={`${id}-kind`} label="Provider">
					{(control) => (
						<NativeSelect {...control} value={values.kind} onChange={(event) => set({ kind: event.target.value as ModelProviderKind })}>
							{modelProviderKinds.map((kind) => (
								<option key={kind} value={kind}>
									{kindNames[kind]}
								</option>
							))}
						</NativeSelect>
					)}
				</Field>
				<Field id={`${id}-name`} label="Name here" hint={stored ? "It cannot be changed." : "Such as openai or ollama."}>
					{(control) => (
						<Input
							{...control}
							autoComplete="off"
							autoCapitalize="none"
							spellCheck={false}
							maxLength={40}
							readOnly={stored !== undefined}
							value={values.id}
							onChange={(event) => set({ id: event.target.value })}
						/>
					)}
				</Field>
				<Field
					id={`${id}-url`}
					label="Address"
					hint={values.kind === "openai-compatible" ? "Ollama on this machine: http://127.0.0.1:11434/v1" : "Empty is the provider's own."}
				>
					{(control) => (
						<Input
							{...control}
							type="url"
							inputMode="url"
							autoComplete="off"
							maxLength={500}
							value={values.baseUrl}
							onChange={(event) => set({ baseUrl: event.target.value })}
						/>
					)}
				</Field>
				<Field
					id={`${id}-key`}
					label="Key"
					hint={stored?.hasKey ? "Empty keeps the stored one. It is never shown." : "Stored encrypted, never shown again."}
				>
					{(control) => (
						<Input
							{...control}
							type="password"
							autoComplete="off"
							maxLength={4000}
							value={values.key}
							onChange={(event) => set({ key: event.target.value })}
						/>
					)}
				</Field>
				{number("requestsPerMinute", "Requests a minute", "20")}
				{number("tokensPerMinute", "Tokens a minute", "40000")}
			</div>
			<Label htmlFor={`${id}-private`} className="flex min-h-8 items-start gap-2 font-normal">
				<Checkbox id={`${id}-private`} checked={values.allowPrivate} onChange={(event) => set({ allowPrivate: event.target.checked })} />
				<span>
					Allow private addresses
					<span className="block text-muted-foreground text-xs">For a model on this machine or in your network, such as Ollama.</span>
				</span>
			</Label>
			<fieldset className="grid gap-3">
				<legend className="mb-2 font-medium text-sm">Models</legend>
				{values.models.map((model) => (
					<div key={model.row} className="flex items-start gap-2">
						<ModelFields
							id={`${id}-model-${model.row}`}
							model={model}
							onChange={(changed) => set({ models: values.models.map((other) => (other.row === model.row ? changed : other)) })}
						/>
						<Button
							type="button"
							variant="ghost"
							size="icon-sm"
							className="mt-6"
							onClick={() => set({ models: values.models.filter(({ row }) => row !== model.row) })}
						>
							<Trash2 aria-hidden="true" />
							<span className="sr-only">Remove the model {model.name}</span>
						</Button>
					</div>
				))}
				<Button
					type="button"
					variant="outline"
					size="sm"
					className="justify-self-start"
					onClick={() => set({ models: [...values.models, emptyModel(1 + Math.max(-1, ...values.models.map(({ row }) => row)))] })}
				>
					<Plus aria-hidden="true" /> Add a model
				</Button>
			</fieldset>
			{problem && (
				<Alert tone="danger" role="alert">
					<p>{problem}</p>
				</Alert>
			)}
			<CallFailure error={setProvider.error} />
			<div className="flex flex-wrap gap-2">
				<ServerButton type="submit" size="sm" disabled={setProvider.isPending}>
					{setProvider.isPending ? "Saving…" : "Save the provider"}
				</ServerButton>
				<Button type="button" variant="ghost" size="sm" onClick={onCancel}>
					Cancel
				</Button>
			</div>
		</form>
	);
}
