"use client";
import { X } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";

export interface Toast {
	id: string;
	tone: "success" | "danger" | "warning" | "neutral";
	text: string;
	href: string | null;
	/** Stays until it is closed; the others leave by themselves. */
	stays: boolean;
	/** Buttons, for a question. */
	actions?: ReactNode;
}

const shownMs = 10_000;

const edges: Readonly<Record<Toast["tone"], string>> = {
	success: "border-l-success",
	danger: "border-l-danger",
	warning: "border-l-warning",
	neutral: "border-l-info",
};

/** Short news at the lower edge, away from every page's main button. It waits for as long as somebody points at it or is inside. */
export function ToastList({ toasts, onClose }: { toasts: readonly Toast[]; onClose: (id: string) => void }) {
	const [held, setHeld] = useState(false);
	return (
		<section
			aria-label="News"
			onPointerEnter={() => setHeld(true)}
			onPointerLeave={() => setHeld(false)}
			onFocus={() => setHeld(true)}
			onBlur={() => setHeld(false)}
			className="pointer-events-none fixed inset-x-4 bottom-4 z-40 grid justify-items-end gap-2"
		>
			{toasts.map((toast) => (
				<ToastCard key={toast.id} toast={toast} held={held} onClose={onClose} />
			))}
		</section>
	);
}

function ToastCard({ toast, held, onClose }: { toast: Toast; held: boolean; onClose: (id: string) => void }) {
	const { id, tone, text, href, stays, actions } = toast;
	useEffect(() => {
		if (stays || held) return;
		const timer = setTimeout(() => onClose(id), shownMs);
		return () => clearTimeout(timer);
	}, [id, stays, held, onClose]);
	return (
		<div
			data-toast={tone}
			className={cn(
				"pointer-events-auto flex w-full max-w-sm items-start gap-2 rounded-md border border-border border-l-4 bg-surface py-2 pr-1 pl-3 text-sm shadow-lg",
				edges[tone],
			)}
		>
			<div className="grid min-w-0 flex-1 gap-2 py-1.5">
				<p className="line-clamp-3 break-words">{text}</p>
				{href && (
					<Link href={href} onClick={() => onClose(id)} className="w-fit font-medium text-info underline underline-offset-4">
						Show
					</Link>
				)}
				{actions && <div className="flex flex-wrap gap-2">{actions}</div>}
			</div>
			<Button variant="ghost" size="icon-sm" aria-label="Close" onClick={() => onClose(id)}>
				<X aria-hidden="true" />
			</Button>
		</div>
	);
}
