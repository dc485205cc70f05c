"use client";
import { LoaderCircle } from "lucide-react";
import { useLinkStatus } from "next/link";
import { cn } from "../ui/cn.ts";

/** Inside a link: shows that its page is on the way. Takes its room from the start, so that nothing moves. */
export function LinkPending({ className }: { className?: string }) {
	const { pending } = useLinkStatus();
	return (
		<LoaderCircle
			aria-hidden="true"
			className={cn("size-3.5 shrink-0 opacity-0 motion-safe:animate-spin", pending && "opacity-100", className)}
		/>
	);
}
