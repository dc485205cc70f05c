"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Plan, PlanChoice, PlanOverrides } from "#lib/protocol/index.ts";
import { ServerButton } from "../live/server-button.tsx";
import { changeSettings, settingsKey, useSettings } from "../projects/use-settings.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { PlanForm } from "./plan-form.tsx";

interface PlanEditorProps {
	slug: string;
	plan: Plan | null;
	alternatives: readonly PlanChoice[];
	/** Deploys with what was saved; null where that cannot be done here. */
	onDeploy: (() => void) | null;
	/** "Save and deploy from Plan": what `onDeploy` does after saving. */
	deployLabel: string;
	deploying?: boolean;
}

/** What is fixed about a project's plan: loaded, changed, saved, and given back to detection. */
export function PlanEditor({ slug, plan, alternatives, onDeploy, deployLabel, deploying = false }: PlanEditorProps) {
	const settings = useSettings(slug);
	const queries = useQueryClient();
	const [saved, setSaved] = useState<{ times: number; text: string }>({ times: 0, text: "" });
	const save = useMutation({
		mutationFn: ({ overrides }: { overrides: PlanOverrides | null; deploy: boolean }) =>
			changeSettings(slug, ({ plan: _, ...others }) =>
				overrides && Object.keys(overrides).length > 0 ? { ...others, plan: overrides } : others,
			),
		onSuccess: (answer, { overrides, deploy }) => {
			queries.setQueryData(settingsKey(slug), answer);
			const text = overrides ? "Saved. The next deployment follows it." : "Everything is as detected again, from the next deployment on.";
			setSaved(({ times }) => ({ times: times + 1, text }));
			if (deploy) onDeploy?.();
		},
	});
	const busy = save.isPending || deploying;
	return (
		<QueryState what="settings" query={settings}>
			{({ plan: overrides = {} }) => (
				<div className="grid grid-cols-1 gap-3">
					<p className="text-muted-foreground text-sm">
						A field that is empty is decided anew for every deployment; grey is what {plan ? "the last plan used" : "is usual"}. What you
						fill in wins over quayside.json in the repository.
					</p>
					<PlanForm
						key={saved.times}
						overrides={overrides}
						plan={plan}
						alternatives={alternatives}
						onSubmit={(next, event) => {
							const button = (event.nativeEvent as SubmitEvent).submitter;
							save.mutate({ overrides: next, deploy: button?.dataset.then === "deploy" });
						}}
						actions={
							<>
								{onDeploy && (
									<ServerButton type="submit" size="sm" data-then="deploy" disabled={busy}>
										{deploying ? "Starting…" : deployLabel}
									</ServerButton>
								)}
								<ServerButton type="submit" size="sm" variant={onDeploy ? "outline" : "default"} disabled={busy}>
									{save.isPending ? "Saving…" : "Save"}
								</ServerButton>
								{Object.keys(overrides).length > 0 && (
									<ServerButton size="sm" variant="ghost" disabled={busy} onClick={() => save.mutate({ overrides: null, deploy: false })}>
										Reset to what is detected
									</ServerButton>
								)}
								<output className="text-muted-foreground text-sm">{save.isSuccess && saved.text}</output>
							</>
						}
					/>
					<CallFailure error={save.error} />
				</div>
			)}
		</QueryState>
	);
}
