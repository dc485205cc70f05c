"use client";
import * as Primitive from "radix-ui/dropdown-menu";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const DropdownMenu = Primitive.Root;
export const DropdownMenuTrigger = Primitive.Trigger;

export function DropdownMenuContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
	return (
		<Primitive.Portal>
			<Primitive.Content
				align="end"
				sideOffset={6}
				collisionPadding={8}
				className={cn("z-50 min-w-48 rounded-md border border-border bg-surface p-1 text-sm shadow-lg", className)}
				{...props}
			/>
		</Primitive.Portal>
	);
}

export function DropdownMenuItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
	return (
		<Primitive.Item
			className={cn(
				"flex min-h-9 cursor-pointer select-none items-center gap-2 rounded-sm px-2 outline-none data-disabled:cursor-not-allowed data-highlighted:bg-sunken data-disabled:opacity-60 [&_svg]:size-4",
				className,
			)}
			{...props}
		/>
	);
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
	return <Primitive.Label className={cn("px-2 py-1.5 text-muted-foreground text-xs", className)} {...props} />;
}

export function DropdownMenuSeparator({ className, ...props }: ComponentProps<typeof Primitive.Separator>) {
	return <Primitive.Separator className={cn("my-1 h-px bg-border", className)} {...props} />;
}
