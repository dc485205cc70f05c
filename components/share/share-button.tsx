"use client";
import { Share2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useCommands } from "../commands/use-commands.ts";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Button } from "../ui/button.tsx";

// Comes when somebody opens it.
const ShareDialog = lazy(() => import("./share-dialog.tsx").then((module) => ({ default: module.ShareDialog })));

/** Opens what makes, lists and revokes links to a finished deployment. */
export function ShareButton({ deploymentId }: { deploymentId: string }) {
	const [open, setOpen] = useState(false);
	useCommands([
		{
			id: "share",
			title: "Share this deployment…",
			group: "This deployment",
			also: "link public replay",
			run: () => setOpen(true),
		},
	]);
	return (
		<>
			<Button variant="outline" size="sm" onClick={() => setOpen(true)}>
				<Share2 aria-hidden="true" />
				<span className="max-sm:sr-only">Share</span>
			</Button>
			{open && (
				<PanelBoundary what="dialog">
					<Suspense fallback={null}>
						<ShareDialog deploymentId={deploymentId} onClose={() => setOpen(false)} />
					</Suspense>
				</PanelBoundary>
			)}
		</>
	);
}
