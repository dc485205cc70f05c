import type { EventDraft } from "../protocol/event.ts";
import { type ApprovalKind, agentOfStage, asksFor, type Stage } from "../protocol/words.ts";
import type { ApprovalState, DeploymentState } from "./state.ts";

/** What a person can be asked about before a stage begins. Visitors are led over in `verify`, where a retry may begin. */
const gates: Readonly<Partial<Record<Stage, ApprovalKind>>> = { write: "plan", deploy: "deploy", verify: "deploy" };

/** What waits for a person's answer, null for nothing. */
export function pendingApproval({ approvals }: DeploymentState): ApprovalState | null {
	return approvals.find(({ status }) => status === "pending") ?? null;
}

/** What a person has to allow before this stage may begin, null where nothing is missing. */
export function missingApproval({ approvalPolicy, approvals }: DeploymentState, stage: Stage): ApprovalKind | null {
	const kind = gates[stage];
	if (kind === undefined || !asksFor(approvalPolicy, kind)) return null;
	return approvals.some((approval) => approval.kind === kind && approval.status === "approved") ? null : kind;
}

const asked: Readonly<Record<ApprovalKind, string>> = {
	plan: "Waiting for a person to approve the plan. Nothing is built before that.",
	deploy: "Waiting for a person to approve the deploy. Nothing changes for visitors before that.",
	fix: "Waiting for a person to approve the repair. Nothing is changed before that.",
};

/** Asks people about a stage: it waits, without a job, until one of them answers. */
export function requestApproval({ approvals }: DeploymentState, stage: Stage, kind: ApprovalKind): EventDraft[] {
	const number = approvals.filter((approval) => approval.kind === kind).length + 1;
	const content = asked[kind];
	return [
		{
			type: "approval_requested",
			stage,
			agent_name: agentOfStage[stage],
			content,
			metadata: { approval_id: `${kind}-${number}`, kind },
			requires_ack: true,
		},
		{
			type: "agent_status",
			stage,
			agent_name: agentOfStage[stage],
			content,
			metadata: { status: "waiting", task: content, progress: null },
		},
	];
}

/** Why a deployment was not wanted, null where nobody rejected it. */
export function rejectionOf({ approvals }: DeploymentState): string | null {
	const rejected = approvals.find(({ status }) => status === "rejected");
	return rejected ? sentenceOf({ ...rejected, approved: false, name: rejected.by?.name ?? "Somebody" }) : null;
}

/** What is approved, in the middle of a sentence. */
export const subject: Readonly<Record<ApprovalKind, string>> = { plan: "the plan", deploy: "the deploy", fix: "the repair" };

/** Who answered and how: "Ada rejected the plan: use pnpm." */
export function sentenceOf(answer: { kind: ApprovalKind; approved: boolean; edited: boolean; name: string; note: string | null }): string {
	const { kind, approved, edited, name, note } = answer;
	const did = `${name} ${edited ? "changed and approved" : approved ? "approved" : "rejected"} ${subject[kind]}`;
	return note ? `${did}: ${/[.!?…]$/.test(note) ? note : `${note}.`}` : `${did}.`;
}
