import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const field =
	"w-full min-w-0 rounded-md border border-input bg-surface px-3 text-foreground text-sm placeholder:text-muted-foreground aria-invalid:border-danger disabled:opacity-60 pointer-coarse:text-base";

export function Input({ className, ...props }: ComponentProps<"input">) {
	// Its height comes from its padding: in a fixed one Chromium cuts off what is lowest in a line, such as underscores; in a placeholder it always does.
	return <input className={cn(field, "py-[9px] placeholder:overflow-visible", className)} {...props} />;
}

export function NativeSelect({ className, ...props }: ComponentProps<"select">) {
	return <select className={cn(field, "h-10 pr-8", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
	return <textarea className={cn(field, "min-h-20 py-2", className)} {...props} />;
}
