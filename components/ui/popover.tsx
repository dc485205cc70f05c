"use client";
import { type ReactNode, type ToggleEvent, useId, useRef } from "react";
import { cn } from "./cn.ts";

interface PopoverProps {
	/** The button's content and its look. */
	label: ReactNode;
	buttonClassName: string;
	disabled?: boolean;
	title: string;
	/** What it holds; `close` hides it again. */
	children: (close: () => void) => ReactNode;
	className?: string;
	onOpenChange?: (open: boolean) => void;
}

const gapPx = 6;
const edgePx = 8;

/** A button that shows more beneath it. The browser's own popover: Escape and a click elsewhere close it. */
export function Popover({ label, buttonClassName, disabled, title, children, className, onOpenChange }: PopoverProps) {
	const id = useId();
	const button = useRef<HTMLButtonElement>(null);
	const panel = useRef<HTMLDivElement>(null);

	function place({ newState }: ToggleEvent<HTMLDivElement>) {
		onOpenChange?.(newState === "open");
		const [anchor, shown] = [button.current?.getBoundingClientRect(), panel.current];
		if (newState !== "open" || !anchor || !shown) return;
		const { width, height } = shown.getBoundingClientRect();
		const below = anchor.bottom + gapPx + height <= window.innerHeight - edgePx;
		shown.style.top = `${below ? anchor.bottom + gapPx : Math.max(edgePx, anchor.top - gapPx - height)}px`;
		shown.style.left = `${Math.min(Math.max(edgePx, anchor.right - width), window.innerWidth - width - edgePx)}px`;
	}

	return (
		<>
			<button
				ref={button}
				type="button"
				popoverTarget={id}
				disabled={disabled}
				title={title}
				aria-haspopup="true"
				className={buttonClassName}
			>
				{label}
			</button>
			<div
				ref={panel}
				id={id}
				popover="auto"
				onToggle={place}
				className={cn(
					"fixed inset-auto m-0 min-w-48 rounded-md border border-border bg-surface p-1 text-foreground text-sm shadow-lg",
					className,
				)}
			>
				{children(() => panel.current?.hidePopover())}
			</div>
		</>
	);
}
