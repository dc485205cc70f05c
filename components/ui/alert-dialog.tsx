"use client";
import * as Primitive from "radix-ui/alert-dialog";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const AlertDialog = Primitive.Root;
export const AlertDialogTrigger = Primitive.Trigger;
export const AlertDialogCancel = Primitive.Cancel;
export const AlertDialogAction = Primitive.Action;

export function AlertDialogContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
	return (
		<Primitive.Portal>
			<Primitive.Overlay className="fixed inset-0 z-50 bg-[oklch(0.15_0.03_250/0.55)]" />
			<Primitive.Content
				className={cn(
					"fixed top-1/2 left-1/2 z-50 grid w-[calc(100%-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 gap-4 rounded-lg border border-border bg-surface p-6 shadow-xl",
					className,
				)}
				{...props}
			/>
		</Primitive.Portal>
	);
}

export function AlertDialogTitle({ className, ...props }: ComponentProps<typeof Primitive.Title>) {
	return <Primitive.Title className={cn("font-semibold text-lg", className)} {...props} />;
}

export function AlertDialogDescription({ className, ...props }: ComponentProps<typeof Primitive.Description>) {
	return <Primitive.Description className={cn("text-muted-foreground text-sm", className)} {...props} />;
}

export function AlertDialogFooter({ className, ...props }: ComponentProps<"div">) {
	return <div className={cn("flex flex-wrap justify-end gap-2", className)} {...props} />;
}
