"use client";
import { GitBranch } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Button } from "../ui/button.tsx";

// Comes when somebody opens it.
const PushDialog = lazy(() => import("./push-dialog.tsx").then((module) => ({ default: module.PushDialog })));

/** Opens what pushes a product to a git repository. */
export function PushButton({ deploymentId }: { deploymentId: string }) {
	const [open, setOpen] = useState(false);
	return (
		<>
			<Button variant="outline" size="sm" onClick={() => setOpen(true)}>
				<GitBranch aria-hidden="true" /> Push to git
			</Button>
			{open && (
				<PanelBoundary what="dialog">
					<Suspense fallback={null}>
						<PushDialog deploymentId={deploymentId} onClose={() => setOpen(false)} />
					</Suspense>
				</PanelBoundary>
			)}
		</>
	);
}
