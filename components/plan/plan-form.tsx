"use client";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import type { Plan, PlanChoice, PlanOverrides } from "#lib/protocol/index.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { Field } from "../ui/field.tsx";
import { Input, NativeSelect } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";
import {
	detectedValues,
	type PlanCommand,
	type PlanField,
	type PlanProblems,
	planCommands,
	toPlanOverrides,
	toPlanValues,
} from "./plan-values.ts";

interface PlanFormProps {
	/** What is fixed now. */
	overrides: PlanOverrides;
	/** The last plan that was made, and what else is possible. */
	plan: Plan | null;
	alternatives: readonly PlanChoice[];
	/** Buttons below the fields; the first submits. */
	actions: ReactNode;
	onSubmit: (overrides: PlanOverrides, event: FormEvent<HTMLFormElement>) => void;
}

const commandWords: Readonly<Record<PlanCommand, { label: string; without: string }>> = {
	install: { label: "Install command", without: "Install nothing" },
	build: { label: "Build command", without: "Build nothing" },
	test: { label: "Test command", without: "Test nothing" },
	start: { label: "Start command", without: "Start nothing, serve files" },
};

const packageManagers = ["npm", "pnpm", "yarn", "bun"] as const;
const order: readonly PlanField[] = ["provider", "node", "packageManager", ...planCommands, "output", "port", "healthPath"];

/** What a person fixes about the plan. A field that is empty is decided anew for every deployment; grey is what the last one used. */
export function PlanForm({ overrides, plan, alternatives, actions, onSubmit }: PlanFormProps) {
	const [values, setValues] = useState(() => toPlanValues(overrides));
	const [problems, setProblems] = useState<PlanProblems>({});
	const form = useRef<HTMLFormElement>(null);
	const detected = detectedValues(plan, overrides);

	function set(field: PlanField, value: string) {
		setValues({ ...values, [field]: value });
		if (problems[field]) setProblems({ ...problems, [field]: undefined });
	}
	function send(event: FormEvent<HTMLFormElement>) {
		event.preventDefault();
		const read = toPlanOverrides(values, overrides);
		setProblems("problems" in read ? read.problems : {});
		if ("overrides" in read) return onSubmit(read.overrides, event);
		const first = order.find((field) => read.problems[field]);
		form.current?.querySelector<HTMLElement>(`#plan-${first}`)?.focus();
	}
	const text = (field: PlanField, label: string, hint?: string) => (
		<Field id={`plan-${field}`} label={label} hint={hint} problem={problems[field] ?? null}>
			{(control) => (
				<Input
					{...control}
					className="font-mono"
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					maxLength={500}
					placeholder={detected[field] || "as detected"}
					value={values[field]}
					onChange={(event) => set(field, event.target.value)}
				/>
			)}
		</Field>
	);

	return (
		<form ref={form} noValidate onSubmit={send} aria-label="Plan" className="grid grid-cols-1 gap-5">
			<div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
				<Field id="plan-provider" label="Kind of project">
					{(control) => (
						<NativeSelect {...control} value={values.provider} onChange={(event) => set("provider", event.target.value)}>
							<option value="">as detected{detected.provider && ` (${detected.provider})`}</option>
							{choicesOf(plan, alternatives, values.provider).map(({ provider, framework }) => (
								<option key={provider} value={provider}>
									{framework}
								</option>
							))}
						</NativeSelect>
					)}
				</Field>
				{text("node", "Node version")}
				<Field id="plan-packageManager" label="Package manager">
					{(control) => (
						<NativeSelect {...control} value={values.packageManager} onChange={(event) => set("packageManager", event.target.value)}>
							<option value="">as detected{detected.packageManager && ` (${detected.packageManager})`}</option>
							{packageManagers.map((name) => (
								<option key={name}>{name}</option>
							))}
						</NativeSelect>
					)}
				</Field>
			</div>
			<div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
				{planCommands.map((name) => (
					<div key={name} className="grid content-start gap-1">
						<Field id={`plan-${name}`} label={commandWords[name].label}>
							{(control) => (
								<Input
									{...control}
									className="font-mono"
									autoComplete="off"
									autoCapitalize="none"
									spellCheck={false}
									maxLength={4000}
									disabled={values.without[name]}
									placeholder={values.without[name] ? "left out" : detected[name] || "none detected"}
									value={values.without[name] ? "" : values[name]}
									onChange={(event) => set(name, event.target.value)}
								/>
							)}
						</Field>
						<Label htmlFor={`plan-${name}-without`} className="flex min-h-8 items-center gap-2 font-normal text-muted-foreground">
							<Checkbox
								id={`plan-${name}-without`}
								checked={values.without[name]}
								onChange={(event) => setValues({ ...values, without: { ...values.without, [name]: event.target.checked } })}
							/>
							{commandWords[name].without}
						</Label>
					</div>
				))}
			</div>
			<div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
				{text("output", "Output folder", "Of a built site. It makes the project a static one.")}
				{text("port", "Port", "Only for an app that does not follow PORT.")}
				{text("healthPath", "Health path", "Must answer before the app counts as live.")}
			</div>
			<div className="flex flex-wrap items-center gap-2">{actions}</div>
		</form>
	);
}

/** Every plan that can be asked for by name, each once, the current one first. */
function choicesOf(plan: Plan | null, alternatives: readonly PlanChoice[], chosen: string): { provider: string; framework: string }[] {
	const choices = new Map<string, { provider: string; framework: string }>();
	for (const choice of [...(plan ? [plan] : []), ...alternatives]) if (!choices.has(choice.provider)) choices.set(choice.provider, choice);
	if (chosen && !choices.has(chosen)) choices.set(chosen, { provider: chosen, framework: chosen });
	return [...choices.values()];
}
