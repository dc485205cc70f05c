import type { VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui/slot";
import type { ComponentProps } from "react";
import { buttonVariants } from "./button-variants.ts";
import { cn } from "./cn.ts";

interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof buttonVariants> {
	asChild?: boolean;
}

export function Button({ className, variant, size, asChild = false, type = "button", ...props }: ButtonProps) {
	if (asChild) return <Slot className={cn(buttonVariants({ variant, size }), className)} {...props} />;
	return <button type={type} className={cn(buttonVariants({ variant, size }), className)} {...props} />;
}
