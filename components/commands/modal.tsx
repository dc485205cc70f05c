"use client";
import { type ReactNode, useEffect, useRef } from "react";
import { cn } from "../ui/cn.ts";

interface ModalProps {
	label: string;
	onClose: () => void;
	className?: string;
	children: ReactNode;
}

/**
 * The browser's own modal dialog, open for as long as it is rendered: it keeps the focus, Escape and a click beside it close it. What
 * has `data-autofocus` gets the focus first.
 */
export function Modal({ label, onClose, className, children }: ModalProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		const element = dialog.current;
		if (!element?.open) element?.showModal();
		element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
	}, []);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it
		<dialog
			ref={dialog}
			aria-label={label}
			onClose={onClose}
			onClick={(event) => event.target === dialog.current && dialog.current?.close()}
			className={cn(
				"mx-auto mt-[10vh] mb-auto w-[calc(100%-2rem)] max-w-xl overflow-hidden rounded-lg border border-border bg-surface p-0 text-foreground shadow-xl backdrop:bg-scrim",
				className,
			)}
		>
			{children}
		</dialog>
	);
}
