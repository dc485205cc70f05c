import { cn } from "../ui/cn.ts";
import { Skeleton } from "../ui/skeleton.tsx";

/** Stands for lines that are known to exist and have not arrived: not the same as nothing. */
export function Loading({ what, className }: { what: string; className?: string }) {
	return (
		<div role="status" className={cn("grid gap-2.5", className)}>
			<span className="sr-only">Loading the {what}</span>
			<Skeleton className="h-4 w-2/3" />
			<Skeleton className="h-4 w-1/2" />
			<Skeleton className="h-4 w-3/5" />
		</div>
	);
}
