"use client";
import { useParams } from "next/navigation";
import { Skeleton } from "../ui/skeleton.tsx";
import { justCreated } from "./just-created.ts";
import { LiveDeployment } from "./live-deployment.tsx";

/** Until the server has rendered the page. A deployment that was started here is shown at once, from the answer to its start. */
export function DeploymentLoading() {
	const { id } = useParams<{ id: string }>();
	const created = justCreated(id);
	if (created) return <LiveDeployment initial={created} usualMs={[]} />;
	return (
		<div role="status" className="grid gap-5">
			<span className="sr-only">Loading the deployment</span>
			<Skeleton className="h-[6.25rem] w-full max-w-md" />
			<Skeleton className="h-[26rem] md:h-64" />
			<Skeleton className="h-36" />
			<Skeleton className="h-40" />
			<Skeleton className="h-96" />
		</div>
	);
}
