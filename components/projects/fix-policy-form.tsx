"use client";
import { type FormEvent, useState } from "react";
import { type FixPolicy, fixPolicies, type ProjectSettings } from "#lib/protocol/index.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Field } from "../ui/field.tsx";
import { NativeSelect } from "../ui/input.tsx";
import { useChangeSettings } from "./use-settings.ts";

const words: Readonly<Record<FixPolicy, string>> = {
	off: "Nothing: the deployment fails and says what to do",
	ask: "It waits until a person has allowed the repair",
	automatic: "It is repaired at once, at most three times",
};

/** What happens in a project where a rule knows how to repair a failure. */
export function FixPolicyForm({ slug, settings }: { slug: string; settings: ProjectSettings }) {
	const [policy, setPolicy] = useState<FixPolicy>(settings.fixes ?? "off");
	const save = useChangeSettings(slug);
	function send(event: FormEvent) {
		event.preventDefault();
		save.mutate(({ fixes: _, ...others }) => (policy === "off" ? others : { ...others, fixes: policy }));
	}
	return (
		<form onSubmit={send} aria-label="Repairs" className="grid grid-cols-1 gap-4">
			<Field
				id="fix-policy"
				label="When a rule knows how to repair what failed"
				hint="A lockfile that does not fit, a wrong port, a file name in another case and the like. In a copy: the repository is never changed."
				className="max-w-md"
			>
				{(control) => (
					<NativeSelect {...control} value={policy} onChange={(event) => setPolicy(event.target.value as FixPolicy)}>
						{fixPolicies.map((name) => (
							<option key={name} value={name}>
								{words[name]}
							</option>
						))}
					</NativeSelect>
				)}
			</Field>
			<CallFailure error={save.error} />
			<div className="flex flex-wrap items-center gap-3">
				<ServerButton type="submit" size="sm" disabled={save.isPending}>
					{save.isPending ? "Saving…" : "Save what is repaired"}
				</ServerButton>
				<output className="text-muted-foreground text-sm">{save.isSuccess && "Saved. It counts from the next deployment on."}</output>
			</div>
		</form>
	);
}
