"use client";
import { ExternalLink, RotateCw } from "lucide-react";
import { useState } from "react";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { isTerminal } from "#lib/protocol/index.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { type ReleaseStanding, standingWords } from "./words.ts";

/** What the app shows at its address by now, in a frame that can do nothing to this page. */
export function PreviewPanel({ state, standing }: { state: DeploymentState; standing: ReleaseStanding }) {
	const [shown, setShown] = useState(0);
	const url = state.status === "succeeded" ? state.previewUrl : null;
	if (url === null) {
		return (
			<p className="rounded-lg border border-input border-dashed px-4 py-8 text-center text-muted-foreground text-sm">
				{isTerminal(state.status)
					? "This deployment has no preview: nothing of it went live."
					: "The preview appears here as soon as it answers."}
			</p>
		);
	}
	const answers = standing === "live" || standing === "asleep" || standing === "replaced";
	return (
		<div className="overflow-hidden rounded-lg border border-border bg-surface">
			<div className="flex flex-wrap items-center gap-2 border-border border-b p-2">
				<code className="min-w-0 flex-1 truncate px-1 font-mono text-[0.8125rem]">{url.replace(/\/$/, "")}</code>
				<Button variant="outline" size="sm" onClick={() => setShown(shown + 1)}>
					<RotateCw aria-hidden="true" />
					Load again
				</Button>
				<CopyButton text={url}>Copy URL</CopyButton>
				<Button asChild variant="outline" size="sm">
					<a href={url} target="_blank" rel="noopener">
						<ExternalLink aria-hidden="true" /> Open in a tab
					</a>
				</Button>
			</div>
			{standing !== "live" && (
				<p className="border-border border-b px-3 py-2 text-muted-foreground text-sm">{standingWords[standing].sentence}</p>
			)}
			{answers && (
				<iframe
					key={shown}
					src={url}
					title={`Preview of ${state.project.name}`}
					sandbox="allow-scripts allow-forms allow-same-origin"
					referrerPolicy="no-referrer"
					className="block h-[clamp(22rem,65vh,48rem)] w-full bg-white"
				/>
			)}
			<p className="px-3 py-2 text-muted-foreground text-xs">
				It stays empty? Some apps do not let themselves be shown inside another page: open it in a tab.
			</p>
		</div>
	);
}
