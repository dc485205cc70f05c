"use client";
import type { ApprovalState, DeploymentState } from "#lib/deployment/state.ts";
import { ServerButton } from "../live/server-button.tsx";
import { PlanForm } from "../plan/plan-form.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { useAnswer } from "./approval-actions.tsx";

/** The plan of a deployment that waits, changed and approved in one step. What is refused says why and stays in the form. */
export function ApprovePlanForm({ state, approval }: { state: DeploymentState; approval: ApprovalState }) {
	const answer = useAnswer(state.id, approval.id);
	const busy = answer.isPending || answer.isSuccess;
	return (
		<div className="grid grid-cols-1 gap-3">
			<p className="text-muted-foreground text-sm">
				What you fill in counts for this deployment alone; grey is what the plan says. To keep a change, set it in the project's settings.
			</p>
			<PlanForm
				overrides={state.planEdit}
				plan={state.plan}
				alternatives={state.alternatives}
				onSubmit={(edit) => answer.mutate({ decision: "approve", edit })}
				actions={
					<ServerButton type="submit" size="sm" disabled={busy}>
						{busy ? "Answering…" : "Approve with these changes"}
					</ServerButton>
				}
			/>
			<CallFailure error={answer.error} />
		</div>
	);
}
