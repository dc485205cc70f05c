import type { ApprovalKind } from "#lib/protocol/index.ts";

/** What people are asked, in one place. */
export const approvalWords: Readonly<Record<ApprovalKind, { question: string; subject: string; approved: string; rejected: string }>> = {
	plan: {
		question: "Approve the plan?",
		subject: "the plan",
		approved: "Building begins at once. What is live now stays live until the release is ready.",
		rejected: "The deployment ends here, as cancelled. Nothing is built.",
	},
	deploy: {
		question: "Approve the deploy?",
		subject: "the deploy",
		approved: "It is released at once, and visitors are sent to it when it answers well.",
		rejected: "The deployment ends here, as cancelled. Nothing changes for visitors.",
	},
	fix: {
		question: "Approve the repair?",
		subject: "the repair",
		approved: "It is tried again with the changes that are shown. The repository itself stays as it is.",
		rejected: "The repair is left out.",
	},
};
