import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const alertVariants = cva("flex items-start gap-2.5 rounded-md border px-3 py-2.5 text-sm [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0", {
	variants: {
		tone: {
			info: "border-info/30 bg-info-soft text-info",
			success: "border-success/30 bg-success-soft text-success",
			danger: "border-danger/30 bg-danger-soft text-danger",
			warning: "border-warning/30 bg-warning-soft text-warning",
		},
	},
	defaultVariants: { tone: "info" },
});

/** A message beside the thing it is about. Pass `role="alert"` where it must be said at once. */
export function Alert({ className, tone, ...props }: ComponentProps<"div"> & VariantProps<typeof alertVariants>) {
	return <div className={cn(alertVariants({ tone }), className)} {...props} />;
}
