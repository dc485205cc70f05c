import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui/slot";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const buttonVariants = cva(
	"inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-md border font-medium text-sm transition-colors duration-150 disabled:opacity-60 aria-disabled:opacity-60 pointer-coarse:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0",
	{
		variants: {
			variant: {
				default: "border-primary-edge bg-primary text-primary-foreground enabled:hover:bg-primary-hover [a&]:hover:bg-primary-hover",
				outline: "border-input bg-surface text-foreground enabled:hover:bg-sunken [a&]:hover:bg-sunken",
				ghost: "border-transparent bg-transparent text-foreground enabled:hover:bg-sunken [a&]:hover:bg-sunken",
				destructive: "border-danger-solid bg-danger-solid text-danger-foreground enabled:hover:brightness-110",
				link: "border-transparent px-0 text-info underline underline-offset-4",
			},
			size: {
				default: "h-10 px-4",
				sm: "h-8 px-3 text-[0.8125rem]",
				icon: "size-9 pointer-coarse:min-w-11",
				"icon-sm": "size-8 pointer-coarse:min-w-11",
			},
		},
		defaultVariants: { variant: "default", size: "default" },
	},
);

interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof buttonVariants> {
	asChild?: boolean;
}

export function Button({ className, variant, size, asChild = false, type = "button", ...props }: ButtonProps) {
	if (asChild) return <Slot className={cn(buttonVariants({ variant, size }), className)} {...props} />;
	return <button type={type} className={cn(buttonVariants({ variant, size }), className)} {...props} />;
}
