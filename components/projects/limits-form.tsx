"use client";
import { type FormEvent, useRef, useState } from "react";
import { type ProjectSettings, type Stage, stageDeadlineMs, stages } from "#lib/protocol/index.ts";
import { stageWords } from "../deployments/words.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Field } from "../ui/field.tsx";
import { Input } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";
import { type SettingsNumber, type SettingsProblems, toSettings, toSettingsValues } from "./settings-values.ts";
import { useChangeSettings } from "./use-settings.ts";

/** Memory, sleep, kept releases and deadlines. */
export function LimitsForm({ slug, settings }: { slug: string; settings: ProjectSettings }) {
	const [values, setValues] = useState(() => toSettingsValues(settings));
	const [problems, setProblems] = useState<SettingsProblems>({});
	const form = useRef<HTMLFormElement>(null);
	const save = useChangeSettings(slug);

	function send(event: FormEvent) {
		event.preventDefault();
		const read = toSettings(values);
		setProblems("problems" in read ? read.problems : {});
		if ("change" in read) save.mutate(read.change);
		else form.current?.querySelector<HTMLElement>(`#limit-${Object.keys(read.problems)[0]}`)?.focus();
	}
	const number = (name: SettingsNumber, label: string, hint: string, placeholder = "default") => (
		<Field id={`limit-${name}`} label={label} hint={hint} problem={problems[name] ?? null}>
			{(control) => (
				<Input
					{...control}
					inputMode="numeric"
					autoComplete="off"
					maxLength={6}
					placeholder={placeholder}
					value={values[name]}
					onChange={(event) => setValues({ ...values, [name]: event.target.value })}
				/>
			)}
		</Field>
	);
	return (
		<form ref={form} noValidate onSubmit={send} aria-label="Limits" className="grid grid-cols-1 gap-5">
			<div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
				{number("buildMemoryMb", "Memory of a build, in MB", "A build that needs more is ended.")}
				{number("memoryMb", "Memory of the app, in MB", "From its next start on. An app that needs more is ended.")}
				{number("keepReleases", "Releases to keep", "To roll back to, the one in use included.")}
			</div>
			<div className="grid grid-cols-1 gap-3">
				<Label htmlFor="limit-sleeps" className="flex min-h-8 items-start gap-2 font-normal">
					<Checkbox
						id="limit-sleeps"
						checked={values.sleeps}
						onChange={(event) => setValues({ ...values, sleeps: event.target.checked })}
					/>
					<span>
						Sleep when nobody visits
						<span className="block text-muted-foreground text-xs">
							An app that sleeps uses no memory. The next visitor wakes it, and waits until it has started.
						</span>
					</span>
				</Label>
				{values.sleeps && (
					<div className="max-w-xs">{number("sleepAfterMinutes", "Minutes without a visitor", "After which it sleeps.", "30")}</div>
				)}
			</div>
			<fieldset>
				<legend className="font-medium text-sm">Deadlines, in minutes</legend>
				<p className="mt-0.5 text-muted-foreground text-xs">A stage that takes longer is stopped. Grey is the default.</p>
				<div className="mt-2 grid grid-cols-2 gap-3 sm:grid-cols-4">
					{stages.map((stage) => (
						<Field key={stage} id={`limit-${stage}`} label={stageWords[stage].name} problem={problems[stage] ?? null}>
							{(control) => (
								<Input
									{...control}
									inputMode="decimal"
									autoComplete="off"
									maxLength={6}
									placeholder={minutesOf(stage)}
									value={values.deadlines[stage]}
									onChange={(event) => setValues({ ...values, deadlines: { ...values.deadlines, [stage]: event.target.value } })}
								/>
							)}
						</Field>
					))}
				</div>
			</fieldset>
			<CallFailure error={save.error} />
			<div className="flex flex-wrap items-center gap-3">
				<ServerButton type="submit" size="sm" disabled={save.isPending}>
					{save.isPending ? "Saving…" : "Save the limits"}
				</ServerButton>
				<output className="text-muted-foreground text-sm">
					{save.isSuccess && "Saved. Sleep counts from now on, the rest from the next deployment."}
				</output>
			</div>
		</form>
	);
}

function minutesOf(stage: Stage): string {
	return String(stageDeadlineMs[stage] / 60_000);
}
