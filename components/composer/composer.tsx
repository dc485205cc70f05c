"use client";
import { ArrowRight, CircleAlert, CloudOff } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import { shortSource } from "#lib/format.ts";
import type { Example } from "#lib/protocol/index.ts";
import { parseGitUrl } from "#lib/protocol/index.ts";
import { Elapsed } from "../deployments/elapsed.tsx";
import { Alert } from "../ui/alert.tsx";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";
import { Progress } from "../ui/progress.tsx";
import { BriefForm } from "./brief-form.tsx";
import { composerField } from "./composer-field.ts";
import { Contours } from "./contours.tsx";
import { Examples } from "./examples.tsx";
import { PrivateHint } from "./private-hint.tsx";
import { type ComposerValues, type SubmitPhase, useSubmit } from "./use-submit.ts";

type Way = "repository" | "brief";

const blank: ComposerValues = { url: "", ref: "", directory: "", token: "" };

interface ComposerProps {
	examples: readonly Example[];
	firstRun: boolean;
	/** True from the click until the deployment's page is there or the server has refused it. */
	onSending: (sending: boolean) => void;
}

/** Where a deployment begins. The click is answered at once, in the same box, before the server has said anything. */
export function Composer({ examples, firstRun, onSending }: ComposerProps) {
	const { phase, submit, discard, sendNow } = useSubmit();
	const [way, setWay] = useState<Way>("repository");
	// Kept here, so that neither text is lost when the other one is looked at.
	const [words, setWords] = useState("");
	const [values, setValues] = useState(blank);
	const submitting = phase.name !== "editing";
	const sending = phase.name === "sending";
	const tell = useEffectEvent(onSending);
	useEffect(() => tell(sending), [sending]);
	const restored = phase.name === "editing" ? phase.restored : null;
	useEffect(() => {
		if (!restored) return;
		const { brief, ...others } = restored;
		setWay(brief === undefined ? "repository" : "brief");
		if (brief === undefined) setValues(others);
		else setWords(brief);
	}, [restored]);
	return (
		<section
			aria-label="New deployment"
			className="relative overflow-hidden rounded-lg border border-border bg-surface"
			data-composer={phase.name}
		>
			<Contours />
			<div className="relative grid gap-x-10 gap-y-6 p-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:p-7">
				<div className="min-h-[38rem] sm:min-h-[22.75rem]">
					{phase.name === "editing" ? (
						<>
							<ChooseWay way={way} onChoose={setWay} />
							{way === "brief" ? (
								<BriefForm phase={phase} text={words} onText={setWords} onSubmit={(brief) => submit({ ...blank, brief })} />
							) : (
								<ComposerForm phase={phase} firstRun={firstRun} values={values} onValues={setValues} onSubmit={submit} />
							)}
						</>
					) : (
						<Submitted phase={phase} onDiscard={discard} onSendNow={() => void sendNow(phase.submission)} />
					)}
				</div>
				<Examples examples={examples} disabled={submitting} onChoose={(example) => submit({ ...blank, url: example.url })} />
			</div>
		</section>
	);
}

const ways: readonly { way: Way; name: string }[] = [
	{ way: "repository", name: "A repository" },
	{ way: "brief", name: "Describe it" },
];

/** What a deployment begins with. */
function ChooseWay({ way, onChoose }: { way: Way; onChoose: (way: Way) => void }) {
	return (
		<fieldset className="mb-4 inline-flex rounded-md border border-input bg-surface p-0.5">
			<legend className="sr-only">What to begin with</legend>
			{ways.map(({ way: one, name }) => (
				<button
					key={one}
					type="button"
					aria-pressed={one === way}
					onClick={() => onChoose(one)}
					className="min-h-8 rounded-[5px] px-3 text-muted-foreground text-sm hover:text-foreground aria-pressed:bg-foreground aria-pressed:font-medium aria-pressed:text-background pointer-coarse:min-h-11"
				>
					{name}
				</button>
			))}
		</fieldset>
	);
}

interface ComposerFormProps {
	phase: Extract<SubmitPhase, { name: "editing" }>;
	firstRun: boolean;
	values: ComposerValues;
	onValues: (values: ComposerValues) => void;
	onSubmit: (values: ComposerValues) => void;
}

function ComposerForm({ phase, firstRun, values, onValues: setValues, onSubmit }: ComposerFormProps) {
	const { refusal, restored, tokenMissing = false } = phase;
	const [touched, setTouched] = useState(false);
	const [changed, setChanged] = useState(false);
	const url = useRef<HTMLInputElement>(null);
	const ref = useRef<HTMLInputElement>(null);
	const directory = useRef<HTMLInputElement>(null);
	const tokenField = useRef<HTMLInputElement>(null);

	useEffect(() => {
		if (!restored) return;
		const field = { ref_not_found: ref, directory_not_found: directory, repository_auth_failed: tokenField }[refusal?.code as string];
		(field ?? (tokenMissing ? tokenField : url)).current?.focus();
	}, [restored, refusal, tokenMissing]);

	// A link to the field, such as the one behind the key for a new deployment, leads into it.
	useEffect(() => {
		if (window.location.hash === `#${composerField}`) url.current?.focus();
	}, []);

	const checked = parseGitUrl(values.url);
	const usesSsh = checked.ok && checked.value.transport === "ssh";
	const wrong =
		touched && !checked.ok
			? [checked.failure.message, checked.failure.action].filter(Boolean).join(" ") ||
				"Use an address like https://host/owner/name.git or git@host:owner/name.git."
			: null;
	const why = refusal
		? `${refusal.message} ${refusal.action}`
		: tokenMissing
			? "This was not sent yet. Type the access token again and deploy."
			: null;
	const refused = changed ? null : why;
	const message = wrong ?? refused;

	function send(event: { preventDefault(): void }) {
		event.preventDefault();
		setTouched(true);
		if (!checked.ok) {
			url.current?.focus();
			return;
		}
		onSubmit({ ...values, ...sourceOf(values), token: usesSsh ? "" : values.token });
	}
	const set = (name: keyof ComposerValues) => (event: FormEvent<HTMLInputElement>) => {
		setValues({ ...values, [name]: event.currentTarget.value });
		setChanged(true);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send(event);
	};

	return (
		<form onSubmit={send} onKeyDown={onKeyDown} noValidate className="grid gap-4">
			<div>
				<h1 className="font-semibold text-2xl tracking-tight">{firstRun ? "Bring your first repository in" : "Deploy a repository"}</h1>
				<p className="mt-1 text-muted-foreground text-sm">Five agents read it, plan it, build it, test it and put it online. You watch.</p>
			</div>
			<div className="grid gap-1.5">
				<Label htmlFor={composerField}>Repository</Label>
				<Input
					ref={url}
					id={composerField}
					name="url"
					inputMode="url"
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					placeholder="https://github.com/owner/name.git"
					className="py-[11px] font-mono pointer-coarse:py-[9px]"
					value={values.url}
					onChange={set("url")}
					onBlur={() => setTouched(values.url !== "")}
					aria-invalid={message !== null}
					aria-describedby="composer-message"
					required
				/>
				<p
					id="composer-message"
					className="flex min-h-10 items-start gap-1.5 text-danger text-sm sm:min-h-5"
					role={refused ? "alert" : undefined}
				>
					{message && (
						<>
							<CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
							{message}
						</>
					)}
				</p>
			</div>
			<div className="grid gap-3 sm:grid-cols-3">
				<Field label="Branch, tag or commit" name="ref">
					<Input
						ref={ref}
						id="composer-ref"
						name="ref"
						autoComplete="off"
						spellCheck={false}
						placeholder="default branch"
						maxLength={250}
						value={values.ref}
						onChange={set("ref")}
					/>
				</Field>
				<Field label="Directory" name="directory">
					<Input
						ref={directory}
						id="composer-directory"
						name="directory"
						autoComplete="off"
						spellCheck={false}
						placeholder="whole repository"
						maxLength={500}
						value={values.directory}
						onChange={set("directory")}
					/>
				</Field>
				<Field label="Access token" name="token">
					<Input
						ref={tokenField}
						id="composer-token"
						name="token"
						type="password"
						autoComplete="off"
						placeholder={usesSsh ? "not used with ssh" : "only for private ones"}
						maxLength={4000}
						disabled={usesSsh}
						value={usesSsh ? "" : values.token}
						onChange={set("token")}
					/>
				</Field>
			</div>
			<PrivateHint source={usesSsh ? sourceOf(values) : null} />
			<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
				<Button type="submit" className="h-11 px-6">
					Deploy
					<ArrowRight aria-hidden="true" />
				</Button>
				<span className="text-muted-foreground text-xs pointer-coarse:hidden">or press Ctrl + Enter</span>
			</div>
		</form>
	);
}

/** What was typed, without what only typing adds. */
function sourceOf({ url, ref, directory }: ComposerValues): { url: string; ref: string; directory: string } {
	return { url: url.trim(), ref: ref.trim(), directory: directory.trim().replace(/^\/+|\/+$/g, "") };
}

function Field({ label, name, children }: { label: string; name: string; children: ReactNode }) {
	return (
		<div className="grid gap-1.5">
			<Label htmlFor={`composer-${name}`} className="text-muted-foreground text-xs">
				{label}
			</Label>
			{children}
		</div>
	);
}

interface SubmittedProps {
	phase: Exclude<SubmitPhase, { name: "editing" }>;
	onDiscard: () => void;
	onSendNow: () => void;
}

/** Stands in the form's place from the click on. */
function Submitted({ phase, onDiscard, onSendNow }: SubmittedProps) {
	const { submission } = phase;
	const sentAt = new Date(submission.at).toISOString();
	const doing = submission.brief === undefined ? "Cloning repository" : "Reading the brief";
	return (
		<div className="grid gap-4" data-optimistic={phase.name}>
			<h1 className="font-semibold text-2xl tracking-tight">{phase.name === "sending" ? `${doing}…` : "The server cannot be reached"}</h1>
			{submission.brief === undefined ? (
				<p className="break-all font-mono text-sm">{shortSource(submission.url)}</p>
			) : (
				<p className="line-clamp-4 whitespace-pre-wrap break-words text-sm">{submission.brief}</p>
			)}
			<Progress value={null} active={phase.name === "sending"} label={doing} />
			{phase.name === "sending" ? (
				<p className="text-muted-foreground text-sm">
					Handing it to the Analyst, <Elapsed from={sentAt} />
				</p>
			) : (
				<>
					<Alert tone="warning" role="alert">
						<CloudOff aria-hidden="true" />
						<div>
							{phase.stored
								? "Your submission is kept in this browser and is sent, once, as soon as the server answers again."
								: "Your browser stores nothing, so keep this page open: your submission is sent as soon as the server answers again."}
							{submission.hadToken &&
								phase.stored &&
								" The access token is not kept: should you close this page, you will be asked for it again."}
						</div>
					</Alert>
					<div className="flex flex-wrap items-center gap-2">
						<Button onClick={onSendNow}>Try now</Button>
						<Button variant="outline" onClick={onDiscard}>
							Do not send it
						</Button>
						<span className="text-muted-foreground text-sm">Next try within {Math.ceil(phase.retryInMs / 1000)} s</span>
					</div>
				</>
			)}
		</div>
	);
}
