"use client";
import type { PlanChoice } from "#lib/protocol/index.ts";
import { ServerButton } from "../live/server-button.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Badge } from "../ui/badge.tsx";

interface PlanAlternativesProps {
	alternatives: readonly PlanChoice[];
	project: string;
	/** False while the deployment goes on: another plan is another deployment. */
	ended: boolean;
	busy: boolean;
	onChoose: (choice: PlanChoice) => void;
}

const later = "Another one can be chosen as soon as this deployment has ended.";

/** What the project could be deployed as, too. */
export function PlanAlternatives({ alternatives, project, ended, busy, onChoose }: PlanAlternativesProps) {
	if (alternatives.length === 0) return null;
	return (
		<div>
			<h3 className="chart-label">Possible too</h3>
			<ul className="mt-1.5 divide-y divide-border rounded-md border border-border">
				{alternatives.map((choice) => (
					<li
						key={`${choice.provider} ${choice.framework}`}
						data-alternative={choice.provider}
						className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2.5"
					>
						<div className="min-w-0 flex-1 basis-48">
							<p className="flex flex-wrap items-center gap-2 font-medium text-sm">
								{choice.framework} <Badge>{Math.round(choice.confidence * 100)} % sure</Badge>
							</p>
							<p className="break-words text-muted-foreground text-xs">{choice.summary}</p>
						</div>
						<AlertDialog
							title={`Deploy as ${choice.framework}?`}
							description={`The choice is saved in the settings of ${project}, so that later deployments follow it too. A new deployment starts now; what was cloned is used again. What is live stays live until the new one answers.`}
							cancel="Keep this plan"
							action="Save and deploy"
							onAction={() => onChoose(choice)}
						>
							{(open) => (
								<ServerButton variant="outline" size="sm" title={ended ? undefined : later} disabled={busy || !ended} onClick={open}>
									{busy ? "Starting…" : "Use this instead"}
								</ServerButton>
							)}
						</AlertDialog>
					</li>
				))}
			</ul>
			{!ended && <p className="mt-1.5 text-muted-foreground text-xs">{later}</p>}
		</div>
	);
}
