"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { EyeOff, KeyRound, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import type { EnvScope, EnvView, Plan } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { ServerButton } from "../live/server-button.tsx";
import { missingVariables } from "../plan/missing-variables.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { Alert } from "../ui/alert.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { EnvForm } from "./env-form.tsx";

/** Who gets a variable, in a word. */
const scopeWords: Readonly<Record<EnvScope, string>> = { build: "build only", runtime: "app only", both: "build and app" };

interface EnvPanelProps {
	slug: string;
	initial: EnvView[];
	/** The newest plan, for the variables the repository expects. */
	plan: Plan | null;
	/** Name that is filled in, from the address. */
	name: string;
	onName: (name: string) => void;
	/** Id of the failed deployment from which somebody came here. */
	back: string | null;
}

/** Environment variables and secrets. A secret is written and never shown again. */
export function EnvPanel({ slug, initial, plan, name, onName, back }: EnvPanelProps) {
	const queries = useQueryClient();
	const queryKey = [...listKeys.project(slug), "env"];
	const { data } = useQuery({ queryKey, queryFn: () => client.projects.env(slug), initialData: initial });
	const onSuccess = () => queries.invalidateQueries({ queryKey });
	const remove = useMutation({ mutationFn: (gone: string) => client.projects.deleteEnv(slug, gone), onSuccess });
	const missing = missingVariables(plan, data);
	// The same one chosen again is filled in anew.
	const [round, setRound] = useState(0);
	function choose(chosen: string) {
		setRound(round + 1);
		onName(chosen);
	}
	return (
		<div className="grid grid-cols-1 gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:items-start">
			<div className="grid grid-cols-1 gap-3">
				<CallFailure error={remove.error} />
				{missing.length > 0 && <Expected names={missing} onChoose={choose} />}
				{data.length === 0 ? (
					<p className="rounded-lg border border-input border-dashed px-4 py-8 text-center text-muted-foreground text-sm">
						No variables yet. The next deployment uses what you add here.
					</p>
				) : (
					<ul aria-label="Variables" className="divide-y divide-border rounded-lg border border-border bg-surface">
						{data.map((variable) => (
							<li key={variable.name} data-variable={variable.name} className="flex items-center gap-3 px-4 py-2.5">
								<div className="min-w-0 flex-1">
									<p className="flex flex-wrap items-center gap-x-2 gap-y-1">
										<span className="break-all font-medium font-mono text-sm">{variable.name}</span>
										<Badge>{scopeWords[variable.scope]}</Badge>
									</p>
									<p className="break-all font-mono text-muted-foreground text-xs">
										{variable.secret ? (
											<span className="inline-flex items-center gap-1 font-sans">
												<EyeOff aria-hidden="true" className="size-3.5" /> secret, not shown
											</span>
										) : (
											variable.value || "(empty)"
										)}
									</p>
								</div>
								<Ago at={variable.updatedAt} className="shrink-0 text-muted-foreground text-xs max-sm:hidden" />
								<Button variant="ghost" size="icon-sm" title="Change" onClick={() => choose(variable.name)}>
									<Pencil aria-hidden="true" />
									<span className="sr-only">Change {variable.name}</span>
								</Button>
								<ServerButton
									variant="ghost"
									size="icon-sm"
									title="Remove"
									disabled={remove.isPending}
									onClick={() => remove.mutate(variable.name)}
								>
									<Trash2 aria-hidden="true" />
									<span className="sr-only">Remove {variable.name}</span>
								</ServerButton>
							</li>
						))}
					</ul>
				)}
			</div>
			<EnvForm
				key={`${name} ${round}`}
				slug={slug}
				name={name}
				present={data.find((variable) => variable.name === name)}
				back={back}
				onSaved={onSuccess}
			/>
		</div>
	);
}

function Expected({ names, onChoose }: { names: readonly string[]; onChoose: (name: string) => void }) {
	return (
		<Alert tone="info" data-expected>
			<KeyRound aria-hidden="true" />
			<div className="min-w-0">
				<p>The repository expects {names.length === 1 ? "this variable, which is" : "these variables, which are"} not set:</p>
				<ul className="mt-1.5 flex flex-wrap gap-1.5">
					{names.map((name) => (
						<li key={name}>
							<Button variant="outline" size="sm" className="max-w-full font-mono" onClick={() => onChoose(name)}>
								<span className="truncate">Set {name}</span>
							</Button>
						</li>
					))}
				</ul>
			</div>
		</Alert>
	);
}
