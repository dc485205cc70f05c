import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export function Label({ className, ...props }: ComponentProps<"label">) {
	// biome-ignore lint/a11y/noLabelWithoutControl: every caller passes htmlFor
	return <label className={cn("font-medium text-foreground text-sm", className)} {...props} />;
}
