"use client";
import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../ui/button.tsx";

interface CopyButtonProps {
	/** The text, or how to make it at the moment of the click. */
	text: string | (() => string | Promise<string>);
	children: ReactNode;
	variant?: "outline" | "ghost";
	iconOnly?: boolean;
	/** Only the icon on a narrow screen. */
	shrinks?: boolean;
}

const confirmedMs = 2000;

/** Copies a text and says so in place. */
export function CopyButton({ text, children, variant = "outline", iconOnly = false, shrinks = false }: CopyButtonProps) {
	const [copied, setCopied] = useState(false);
	useEffect(() => {
		if (!copied) return;
		const timer = setTimeout(() => setCopied(false), confirmedMs);
		return () => clearTimeout(timer);
	}, [copied]);
	const Icon = copied ? Check : Copy;
	return (
		<Button
			variant={variant}
			size={iconOnly ? "icon-sm" : "sm"}
			title={iconOnly && typeof children === "string" ? children : undefined}
			onClick={async () => setCopied(await copyText(typeof text === "function" ? await text() : text))}
		>
			<Icon aria-hidden="true" />
			<span className={iconOnly ? "sr-only" : shrinks ? "max-sm:sr-only" : undefined}>{copied ? "Copied" : children}</span>
		</Button>
	);
}

/** Copies, also where the page came without https and the browser offers no clipboard to it. */
async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = document.createElement("textarea");
		area.value = text;
		area.style.position = "fixed";
		area.style.opacity = "0";
		document.body.append(area);
		area.select();
		const copied = document.execCommand("copy");
		area.remove();
		return copied;
	}
}
