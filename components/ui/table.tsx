import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** A table that scrolls sideways inside its own named region, so that a page never does. */
export function Table({ className, "aria-label": label, ...props }: ComponentProps<"table"> & { "aria-label": string }) {
	return (
		<section
			className="overflow-x-auto"
			aria-label={label}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
			tabIndex={0}
		>
			<table aria-label={label} className={cn("w-full text-left text-sm", className)} {...props} />
		</section>
	);
}

export function TableHead({ className, ...props }: ComponentProps<"th">) {
	return <th scope="col" className={cn("h-9 whitespace-nowrap px-3 font-medium text-muted-foreground text-xs", className)} {...props} />;
}

export function TableRow({ className, ...props }: ComponentProps<"tr">) {
	return <tr className={cn("border-border border-t", className)} {...props} />;
}

export function TableCell({ className, ...props }: ComponentProps<"td">) {
	return <td className={cn("px-3 py-2.5 align-middle", className)} {...props} />;
}
