import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const field =
	"w-full min-w-0 rounded-md border border-input bg-surface px-3 text-foreground text-sm placeholder:text-muted-foreground aria-invalid:border-danger disabled:opacity-60 pointer-coarse:text-base";

export function Input({ className, ...props }: ComponentProps<"input">) {
	// Its height comes from its padding and a tall line: Chromium cuts off what is lowest in a short one, such as the underscores of a placeholder.
	return <input className={cn(field, "py-[7px] leading-6", className)} {...props} />;
}

export function NativeSelect({ className, ...props }: ComponentProps<"select">) {
	return <select className={cn(field, "h-10 pr-8", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
	return <textarea className={cn(field, "min-h-20 py-2", className)} {...props} />;
}
