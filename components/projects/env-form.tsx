"use client";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type EnvScope, type EnvView, envNameProblem } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Field } from "../ui/field.tsx";
import { Input, Textarea } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";

const scopes: readonly { scope: EnvScope; label: string; about: string }[] = [
	{ scope: "both", label: "Build and app", about: "Install, build and tests get it, and the running app." },
	{ scope: "build", label: "Build only", about: "Not kept with the release. What a build writes into pages can be read by every visitor." },
	{ scope: "runtime", label: "App only", about: "The build never sees it: right for passwords and keys." },
];

interface EnvFormProps {
	slug: string;
	/** Filled in already. */
	name: string;
	/** What the variable of that name is by now. */
	present: EnvView | undefined;
	back: string | null;
	onSaved: () => void;
}

export function EnvForm({ slug, name: given, present, back, onSaved }: EnvFormProps) {
	const [name, setName] = useState(given);
	const [value, setValue] = useState(present?.value ?? "");
	const [secret, setSecret] = useState(present?.secret ?? true);
	const [scope, setScope] = useState<EnvScope>(present?.scope ?? "both");
	const [saved, setSaved] = useState<string | null>(null);
	const [problem, setProblem] = useState<string | null>(null);
	const nameField = useRef<HTMLInputElement>(null);
	const valueField = useRef<HTMLTextAreaElement>(null);
	useEffect(() => {
		if (given !== "") valueField.current?.focus();
	}, [given]);
	// Nobody is shown a secret, so an empty field cannot mean an empty one.
	const keepsValue = present?.secret === true && name === present.name && value === "";
	const save = useMutation({
		mutationFn: () => client.projects.setEnv(slug, { name, value: keepsValue ? undefined : value, secret, scope }),
		onSuccess: () => {
			setSaved(name);
			setName("");
			setValue("");
			setSecret(true);
			setScope("both");
			onSaved();
			nameField.current?.focus();
		},
	});
	function send(event: FormEvent) {
		event.preventDefault();
		const wrong = name === "" ? "is needed" : envNameProblem(name);
		setProblem(wrong && `A name ${wrong}.`);
		if (wrong === null) save.mutate();
		else nameField.current?.focus();
	}
	return (
		<Card className="p-4">
			<form className="grid grid-cols-1 gap-3" onSubmit={send}>
				<h2 className="break-all font-semibold">
					{present && name === present.name ? `Change ${present.name}` : "Add or replace a variable"}
				</h2>
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
				<Field id="env-value" label="Value">
					{(control) => (
						<Textarea
							{...control}
							ref={valueField}
							className="font-mono"
							autoComplete="off"
							spellCheck={false}
							rows={3}
							placeholder={keepsValue ? "Stored, and not shown. Leave it empty to keep it." : undefined}
							maxLength={32 * 1024}
							value={value}
							onChange={(event) => setValue(event.target.value)}
						/>
					)}
				</Field>
				<fieldset className="grid gap-1">
					<legend className="mb-1 font-medium text-sm">Who gets it</legend>
					{scopes.map((choice) => (
						<label key={choice.scope} className="flex min-h-8 items-start gap-2 text-sm">
							<input
								type="radio"
								name="env-scope"
								value={choice.scope}
								aria-describedby={`env-scope-${choice.scope}`}
								className="mt-0.5 size-5 shrink-0 accent-[var(--info)]"
								checked={scope === choice.scope}
								onChange={() => setScope(choice.scope)}
							/>
							<span>
								{choice.label}
								<span id={`env-scope-${choice.scope}`} className="block text-muted-foreground text-xs">
									{choice.about}
								</span>
							</span>
						</label>
					))}
				</fieldset>
				<Label className="flex min-h-8 items-center gap-2 font-normal" htmlFor="env-secret">
					<Checkbox id="env-secret" checked={secret} onChange={(event) => setSecret(event.target.checked)} />
					Secret: nobody is shown the value again
				</Label>
				<CallFailure error={save.error} />
				<p role="status" className="min-h-5 text-sm text-success">
					{saved !== null &&
						name === "" &&
						`${saved} is saved. ${back === null ? "Deploy now to use it." : "Go back and retry to use it."}`}
				</p>
				<div className="flex flex-wrap items-center gap-3">
					<ServerButton type="submit" disabled={save.isPending}>
						{save.isPending ? "Saving…" : "Save"}
					</ServerButton>
					{back !== null && (
						<Button asChild variant="outline">
							<Link href={`/deployments/${back}`}>
								<ArrowLeft aria-hidden="true" /> Back to the failed deployment
							</Link>
						</Button>
					)}
				</div>
				<p className="text-muted-foreground text-xs">
					Used by the next deployment. What is live now keeps the environment it was started with.
				</p>
			</form>
		</Card>
	);
}
