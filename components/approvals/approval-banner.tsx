"use client";
import { Hand } from "lucide-react";
import type { ApprovalState, DeploymentState } from "#lib/deployment/state.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { ApprovalActions } from "./approval-actions.tsx";
import { approvalWords } from "./words.ts";

interface ApprovalBannerProps {
	state: DeploymentState;
	approval: ApprovalState;
	/** Opens the form in which the plan is changed and approved. */
	onEdit: () => void;
}

/** The question a deployment waits with, and the ways to answer it. */
export function ApprovalBanner({ state, approval, onEdit }: ApprovalBannerProps) {
	const { question } = approvalWords[approval.kind];
	return (
		<>
			<div className="flex items-center gap-3">
				<span className="grid size-10 shrink-0 place-items-center rounded-md bg-warning-soft text-warning">
					<Hand aria-hidden="true" className="size-5" />
				</span>
				<div className="min-w-0">
					<p className="font-semibold text-lg">{question}</p>
					<p className="text-muted-foreground text-sm">
						asked <Ago at={approval.requestedAt} />
						{state.status === "paused" && ", and paused: an answer counts once it is resumed"}
					</p>
				</div>
			</div>
			<p className="line-clamp-2 text-sm">{approval.text}</p>
			<ApprovalActions
				key={approval.id}
				deploymentId={state.id}
				approval={approval}
				name={`${state.project.name} #${state.number}`}
				onEdit={approval.kind === "plan" && state.source?.type !== "brief" ? onEdit : undefined}
				keys
			/>
		</>
	);
}
