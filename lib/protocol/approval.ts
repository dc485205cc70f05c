import { z } from "zod";
import { type ApprovalKind, approvalDecisionSchema, type Stage } from "./enums.ts";
import { planOverridesSchema } from "./plan.ts";

/** What a person is asked, and what they answer. */

/** Names an approval within its deployment: `plan-1`, `deploy-1`. */
export const approvalIdSchema = z.string().regex(/^(?:plan|deploy|fix)-[1-9]\d{0,3}$/);

/** Larger changes than this do not fit into an event. */
const maxEditBytes = 8 * 1024;

export const answerApprovalSchema = z.strictObject({
	decision: approvalDecisionSchema,
	/** For the record, and for those who read why. */
	note: z.string().trim().max(2000).optional(),
	/** Changes to the plan that is approved, for this deployment alone; validated like those of a project's settings. */
	edit: planOverridesSchema.refine((edit) => JSON.stringify(edit).length <= maxEditBytes, "is more than fits into one plan").optional(),
});
export type AnswerApproval = z.infer<typeof answerApprovalSchema>;

/** One line of somebody's inbox: a deployment that waits for them. */
export interface WaitingApproval {
	/** Names the approval within its deployment. */
	id: string;
	kind: ApprovalKind;
	/** The stage that waits. */
	stage: Stage;
	deploymentId: string;
	number: number;
	project: { id: string; slug: string; name: string };
	/** What is asked, as a plain sentence. */
	text: string;
	requestedAt: string;
}

/** What a release would change for its visitors, against the one they are sent to now. Names of variables, never their values. */
export interface ReleaseChanges {
	target: string;
	/** Commit that would be released, null for a folder that was sent. */
	commit: string | null;
	/** The release that is active now, null before the first. */
	live: { deploymentId: string; number: number; commit: string | null } | null;
	/** Variables of the running app. */
	env: { added: string[]; removed: string[]; changed: string[] };
	/** What is done differently: "The build command", from, to. */
	plan: { field: string; before: string; after: string }[];
}
