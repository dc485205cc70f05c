import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const badgeVariants = cva(
	"inline-flex h-6 shrink-0 items-center gap-1.5 whitespace-nowrap rounded-md border px-2 font-medium text-xs [&_svg]:size-3.5 [&_svg]:shrink-0",
	{
		variants: {
			tone: {
				neutral: "border-border bg-sunken text-muted-foreground",
				info: "border-info/30 bg-info-soft text-info",
				success: "border-success/30 bg-success-soft text-success",
				danger: "border-danger/30 bg-danger-soft text-danger",
				warning: "border-warning/30 bg-warning-soft text-warning",
			},
		},
		defaultVariants: { tone: "neutral" },
	},
);

export type Tone = NonNullable<VariantProps<typeof badgeVariants>["tone"]>;

export function Badge({ className, tone, ...props }: ComponentProps<"span"> & VariantProps<typeof badgeVariants>) {
	return <span className={cn(badgeVariants({ tone }), className)} {...props} />;
}
