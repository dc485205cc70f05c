"use client";
import { type ReactNode, useId, useRef } from "react";
import { Button } from "./button.tsx";

interface AlertDialogProps {
	title: string;
	description: string;
	/** More of the question, such as a field that must be filled in. */
	body?: ReactNode;
	/** False while `body` is not answered yet. */
	ready?: boolean;
	/** Label of the button that changes nothing; it has the focus first. */
	cancel: string;
	/** Label of the button that goes on. */
	action: string;
	destructive?: boolean;
	onAction: () => void;
	/** What opens it. */
	children: (open: () => void) => ReactNode;
}

/** Asks before something that cannot be taken back. The browser's own modal dialog: it keeps the focus, and Escape closes it. */
export function AlertDialog(props: AlertDialogProps) {
	const { title, description, body, ready = true, cancel, action, destructive = false, onAction, children } = props;
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	const close = () => dialog.current?.close();
	return (
		<>
			{children(() => dialog.current?.showModal())}
			<dialog
				ref={dialog}
				role="alertdialog"
				aria-labelledby={`${id}-title`}
				aria-describedby={`${id}-description`}
				className="m-auto w-[calc(100%-2rem)] max-w-md rounded-lg border border-border bg-surface p-6 text-foreground shadow-xl backdrop:bg-scrim"
			>
				<h2 id={`${id}-title`} className="font-semibold text-lg">
					{title}
				</h2>
				<p id={`${id}-description`} className="mt-2 text-muted-foreground text-sm">
					{description}
				</p>
				{body}
				<div className="mt-5 flex flex-wrap justify-end gap-2">
					<Button variant="outline" onClick={close}>
						{cancel}
					</Button>
					<Button
						variant={destructive ? "destructive" : "default"}
						aria-describedby={`${id}-description`}
						disabled={!ready}
						onClick={() => {
							close();
							onAction();
						}}
					>
						{action}
					</Button>
				</div>
			</dialog>
		</>
	);
}
