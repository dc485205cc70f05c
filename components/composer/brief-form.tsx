import { ArrowRight, CircleAlert } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { errorCatalogue } from "#lib/errors.ts";
import { groupThousands } from "#lib/format.ts";
import { checkBrief, maxBriefLength, type WorkFailure } from "#lib/protocol/index.ts";
import { Button } from "../ui/button.tsx";
import { Textarea } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";
import type { SubmitPhase } from "./use-submit.ts";

interface BriefFormProps {
	phase: Extract<SubmitPhase, { name: "editing" }>;
	text: string;
	onText: (text: string) => void;
	onSubmit: (brief: string) => void;
}

const examples = [
	{ name: "Landing page", text: "A landing page for my bakery Sunrise in orange, with prices, opening hours and a contact form." },
	{ name: "Portfolio", text: "A portfolio for Jane Doe, photographer, with a gallery and a contact form, dark theme." },
	{ name: "REST API", text: "A REST API for books and authors, called Shelf." },
];

/** Where a product is described in words. */
export function BriefForm({ phase, text, onText, onSubmit }: BriefFormProps) {
	const { refusal } = phase;
	const field = useRef<HTMLTextAreaElement>(null);
	const [tried, setTried] = useState(false);
	const [changed, setChanged] = useState(false);
	const checked = checkBrief(text);
	const wrong = tried && !checked.ok ? sentencesOf(checked.failure) : null;
	const refused = refusal && !changed ? `${refusal.message} ${refusal.action}` : null;
	const message = wrong ?? refused;

	useEffect(() => {
		if (refusal) field.current?.focus();
	}, [refusal]);

	function send(event: { preventDefault(): void }) {
		event.preventDefault();
		setTried(true);
		if (checked.ok) onSubmit(text);
		else field.current?.focus();
	}
	const change = (next: string) => {
		onText(next);
		setChanged(true);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send(event);
	};

	return (
		<form onSubmit={send} onKeyDown={onKeyDown} noValidate className="grid gap-4">
			<div>
				<h1 className="font-semibold text-2xl tracking-tight">Describe what you want</h1>
				<p className="mt-1 text-muted-foreground text-sm">
					Five agents make it, test it and put it online: from a starter template, or with a language model where one is set up, which then
					reads this text.
				</p>
			</div>
			<div className="grid gap-1.5">
				<Label htmlFor="composer-brief">Brief</Label>
				<Textarea
					ref={field}
					id="composer-brief"
					name="brief"
					rows={4}
					placeholder="A landing page for my bakery Sunrise with prices and a contact form."
					value={text}
					onChange={(event: FormEvent<HTMLTextAreaElement>) => change(event.currentTarget.value)}
					aria-invalid={message !== null}
					aria-describedby="composer-brief-message"
					required
				/>
				<p
					id="composer-brief-message"
					className="flex min-h-10 items-start gap-1.5 text-danger text-sm"
					role={message ? "alert" : undefined}
				>
					{message && (
						<>
							<CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
							{message}
						</>
					)}
					{!message && text.length > maxBriefLength * 0.8 && (
						<span className="text-muted-foreground">
							{groupThousands(text.length)} of {groupThousands(maxBriefLength)} characters
						</span>
					)}
				</p>
			</div>
			<p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted-foreground text-xs">
				Begin with
				{examples.map((example) => (
					<Button key={example.name} type="button" variant="outline" size="sm" onClick={() => change(example.text)}>
						{example.name}
					</Button>
				))}
			</p>
			<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
				<Button type="submit" className="h-11 px-6">
					Make it
					<ArrowRight aria-hidden="true" />
				</Button>
				<span className="text-muted-foreground text-xs pointer-coarse:hidden">or press Ctrl + Enter</span>
			</div>
		</form>
	);
}

function sentencesOf({ code, message = errorCatalogue[code].message, action = errorCatalogue[code].action }: WorkFailure): string {
	return `${message} ${action}`;
}
