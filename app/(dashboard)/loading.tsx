import { Skeleton } from "#components/ui/skeleton.tsx";

export default function Loading() {
	return (
		<div role="status" className="grid gap-6">
			<span className="sr-only">Loading</span>
			<Skeleton className="h-8 w-56" />
			<Skeleton className="h-72" />
			<Skeleton className="h-48" />
		</div>
	);
}
