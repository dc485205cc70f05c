"use client";
import { type FormEvent, useState } from "react";
import type { ApprovalPolicy, FixPolicy, ProjectSettings } from "#lib/protocol/index.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Field } from "../ui/field.tsx";
import { NativeSelect } from "../ui/input.tsx";
import { useChangeSettings } from "./use-settings.ts";

interface Policies {
	approvals: ApprovalPolicy;
	fixes: FixPolicy;
}

/** What a policy is called and what its values mean. */
export interface PolicyWords<K extends keyof Policies> {
	form: string;
	label: string;
	hint: string;
	/** The values in the order in which they are offered; the first is the default. */
	values: Readonly<Record<Policies[K], string>>;
	save: string;
	saved: string;
}

interface PolicyFormProps<K extends keyof Policies> {
	slug: string;
	settings: ProjectSettings;
	name: K;
	words: PolicyWords<K>;
}

/** One choice of a project's settings. */
export function PolicyForm<K extends keyof Policies>({ slug, settings, name, words }: PolicyFormProps<K>) {
	const [byDefault = "", ...others] = Object.keys(words.values);
	const [policy, setPolicy] = useState<string>(settings[name] ?? byDefault);
	const save = useChangeSettings(slug);
	function send(event: FormEvent) {
		event.preventDefault();
		save.mutate((current) => ({ ...current, [name]: policy === byDefault ? undefined : policy }));
	}
	return (
		<form onSubmit={send} aria-label={words.form} className="grid grid-cols-1 gap-4">
			<Field id={`policy-${name}`} label={words.label} hint={words.hint} className="max-w-md">
				{(control) => (
					<NativeSelect {...control} value={policy} onChange={(event) => setPolicy(event.target.value)}>
						{[byDefault, ...others].map((value) => (
							<option key={value} value={value}>
								{words.values[value as Policies[K]]}
							</option>
						))}
					</NativeSelect>
				)}
			</Field>
			<CallFailure error={save.error} />
			<div className="flex flex-wrap items-center gap-3">
				<ServerButton type="submit" size="sm" disabled={save.isPending}>
					{save.isPending ? "Saving…" : words.save}
				</ServerButton>
				<output className="text-muted-foreground text-sm">{save.isSuccess && words.saved}</output>
			</div>
		</form>
	);
}
