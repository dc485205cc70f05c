import type { Interrupt, ResumeEntry } from "@ag-ui/core";
import { pendingApproval } from "../deployment/approvals.ts";
import type { DeploymentState } from "../deployment/state.ts";
import { AppError } from "../errors.ts";
import { type AnswerApproval, answerApprovalSchema, approvalDecisions } from "../protocol/index.ts";

/** Id of the question whether a paused deployment goes on. */
export const pauseInterrupt = "pause";

/** What a deployment waits for a person to answer. */
export function interruptsOf(state: DeploymentState): Interrupt[] {
	if (state.status === "paused") {
		const message = "The deployment is paused. Answer to go on with it; give the question up to cancel it.";
		return [{ id: pauseInterrupt, reason: "paused", message }];
	}
	const approval = state.status === "waiting" ? pendingApproval(state) : null;
	if (!approval) return [];
	const { id, kind, stage, text } = approval;
	return [{ id, reason: "approval", message: text, responseSchema: answerSchema, metadata: { kind, stage } }];
}

/** What `resume` carries as its payload. */
const answerSchema = {
	type: "object",
	properties: { decision: { enum: approvalDecisions }, note: { type: "string", maxLength: 2000 } },
	required: ["decision"],
};

/** The answer to an approval: a question that is given up is answered with no. Throws `bad_request`. */
export function answerOf({ interruptId, status, payload }: ResumeEntry): AnswerApproval {
	if (status === "cancelled") return { decision: "reject" };
	const parsed = answerApprovalSchema.safeParse(payload);
	if (parsed.success) return parsed.data;
	throw new AppError("bad_request", {
		message: `The answer to “${interruptId}” cannot be used: ${parsed.error.issues[0]?.message}.`,
		action: `Send {"decision": "approve"} or {"decision": "reject"}, with a note if you like.`,
	});
}
