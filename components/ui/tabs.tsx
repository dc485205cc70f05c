"use client";
import * as Primitive from "radix-ui/tabs";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const Tabs = Primitive.Root;

export function TabsList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
	return <Primitive.List className={cn("flex gap-1 overflow-x-auto border-border border-b", className)} {...props} />;
}

export function TabsTrigger({ className, ...props }: ComponentProps<typeof Primitive.Trigger>) {
	return (
		<Primitive.Trigger
			className={cn(
				"-mb-px inline-flex h-10 shrink-0 items-center gap-2 border-transparent border-b-2 px-3 text-muted-foreground text-sm hover:text-foreground focus-visible:-outline-offset-2 data-[state=active]:border-foreground data-[state=active]:font-medium data-[state=active]:text-foreground pointer-coarse:h-11 [&_svg]:size-4",
				className,
			)}
			{...props}
		/>
	);
}

export const TabsContent = Primitive.Content;
