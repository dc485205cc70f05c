"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { EyeOff, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { type EnvView, envNameProblem } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Input, Textarea } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";

/** Environment variables and secrets. A secret is written and never shown again. */
export function EnvPanel({ slug, initial }: { slug: string; initial: EnvView[] }) {
	const queries = useQueryClient();
	const queryKey = [...listKeys.project(slug), "env"];
	const { data } = useQuery({ queryKey, queryFn: () => client.projects.env(slug), initialData: initial });
	const onSuccess = () => queries.invalidateQueries({ queryKey });
	const remove = useMutation({ mutationFn: (name: string) => client.projects.deleteEnv(slug, name), onSuccess });
	return (
		<div className="grid grid-cols-1 gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:items-start">
			<div className="grid grid-cols-1 gap-3">
				<CallFailure error={remove.error} />
				{data.length === 0 ? (
					<p className="rounded-lg border border-input border-dashed px-4 py-8 text-center text-muted-foreground text-sm">
						No variables yet. The next deployment uses what you add here.
					</p>
				) : (
					<ul className="divide-y divide-border rounded-lg border border-border bg-surface">
						{data.map((variable) => (
							<li key={variable.name} data-variable={variable.name} className="flex items-center gap-3 px-4 py-2.5">
								<div className="min-w-0 flex-1">
									<p className="break-all font-medium font-mono text-sm">{variable.name}</p>
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
								<Ago at={variable.updatedAt} className="shrink-0 text-muted-foreground text-xs" />
								<Button
									variant="ghost"
									size="icon-sm"
									title="Remove"
									disabled={remove.isPending}
									onClick={() => remove.mutate(variable.name)}
								>
									<Trash2 aria-hidden="true" />
									<span className="sr-only">Remove {variable.name}</span>
								</Button>
							</li>
						))}
					</ul>
				)}
			</div>
			<EnvForm slug={slug} onSaved={onSuccess} />
		</div>
	);
}

function EnvForm({ slug, onSaved }: { slug: string; onSaved: () => void }) {
	const [name, setName] = useState("");
	const [value, setValue] = useState("");
	const [secret, setSecret] = useState(true);
	const [problem, setProblem] = useState<string | null>(null);
	const nameField = useRef<HTMLInputElement>(null);
	const save = useMutation({
		mutationFn: () => client.projects.setEnv(slug, { name, value, secret }),
		onSuccess: () => {
			setName("");
			setValue("");
			onSaved();
			nameField.current?.focus();
		},
	});
	return (
		<Card className="p-4">
			<form
				className="grid gap-3"
				onSubmit={(event) => {
					event.preventDefault();
					const wrong = name === "" ? "is needed" : envNameProblem(name);
					setProblem(wrong && `A name ${wrong}.`);
					if (wrong === null) save.mutate();
					else nameField.current?.focus();
				}}
			>
				<h2 className="font-semibold">Add or replace a variable</h2>
				<div className="grid gap-1.5">
					<Label htmlFor="env-name">Name</Label>
					<Input
						ref={nameField}
						id="env-name"
						className="font-mono"
						autoComplete="off"
						spellCheck={false}
						placeholder="DATABASE_URL"
						value={name}
						onChange={(event) => setName(event.target.value)}
						aria-invalid={problem !== null}
						aria-describedby="env-problem"
					/>
					<p id="env-problem" className="min-h-5 text-danger text-sm">
						{problem}
					</p>
				</div>
				<div className="grid gap-1.5">
					<Label htmlFor="env-value">Value</Label>
					<Textarea
						id="env-value"
						className="font-mono"
						autoComplete="off"
						spellCheck={false}
						rows={3}
						maxLength={32 * 1024}
						value={value}
						onChange={(event) => setValue(event.target.value)}
					/>
				</div>
				<Label className="flex min-h-8 items-center gap-2 font-normal" htmlFor="env-secret">
					<Checkbox id="env-secret" checked={secret} onChange={(event) => setSecret(event.target.checked)} />
					Secret: nobody is shown the value again
				</Label>
				<CallFailure error={save.error} />
				<div>
					<Button type="submit" disabled={save.isPending}>
						{save.isPending ? "Saving…" : "Save"}
					</Button>
				</div>
				<p className="text-muted-foreground text-xs">
					Used by the next deployment. What is live now keeps the environment it was started with.
				</p>
			</form>
		</Card>
	);
}
