"use client";
import { type FormEvent, useState } from "react";
import { type ApprovalPolicy, approvalPolicies, type ProjectSettings } from "#lib/protocol/index.ts";
import { ServerButton } from "../live/server-button.tsx";
import { useChangeSettings } from "../projects/use-settings.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Field } from "../ui/field.tsx";
import { NativeSelect } from "../ui/input.tsx";
import { policyWords } from "./words.ts";

/** What a person must allow in every deployment of a project. */
export function PolicyForm({ slug, settings }: { slug: string; settings: ProjectSettings }) {
	const [policy, setPolicy] = useState<ApprovalPolicy>(settings.approvals ?? "none");
	const save = useChangeSettings(slug);
	function send(event: FormEvent) {
		event.preventDefault();
		save.mutate(({ approvals: _, ...others }) => (policy === "none" ? others : { ...others, approvals: policy }));
	}
	return (
		<form onSubmit={send} aria-label="Approvals" className="grid grid-cols-1 gap-4">
			<Field
				id="approval-policy"
				label="What a person approves"
				hint="A deployment waits for as long as it takes, and uses nothing meanwhile. You and administrators may answer."
				className="max-w-md"
			>
				{(control) => (
					<NativeSelect {...control} value={policy} onChange={(event) => setPolicy(event.target.value as ApprovalPolicy)}>
						{approvalPolicies.map((name) => (
							<option key={name} value={name}>
								{policyWords[name]}
							</option>
						))}
					</NativeSelect>
				)}
			</Field>
			<CallFailure error={save.error} />
			<div className="flex flex-wrap items-center gap-3">
				<ServerButton type="submit" size="sm" disabled={save.isPending}>
					{save.isPending ? "Saving…" : "Save what is approved"}
				</ServerButton>
				<output className="text-muted-foreground text-sm">{save.isSuccess && "Saved. It counts from the next deployment on."}</output>
			</div>
		</form>
	);
}
