import type { Kysely } from "kysely";
import { ulid } from "ulid";
import { pendingApproval } from "../../lib/deployment/approvals.ts";
import { proposedFix } from "../../lib/deployment/fixes.ts";
import { commitOf } from "../../lib/deployment/selectors.ts";
import { type ApprovalState, type DeploymentState, type DeploymentView, wholeState } from "../../lib/deployment/state.ts";
import { AppError, isAppError } from "../../lib/errors.ts";
import type { AnswerApproval, PlanOverrides, ReleaseChanges, WaitingApproval } from "../../lib/protocol/index.ts";
import type { DeploymentService, Principal } from "../../lib/services.ts";
import { planFile } from "../agents/architect.ts";
import type { Schema } from "../db/schema.ts";
import type { WouldRelease } from "../projects/release-changes.ts";
import { artifactOf } from "./artifacts.ts";
import type { Ledger } from "./ledger.ts";
import type { Replan } from "./replan.ts";

interface ApprovalOptions {
	db: Kysely<Schema>;
	ledger: Ledger;
	/** The state, if this principal may see it; throws `not_found` otherwise. */
	seen(principal: Principal, id: string): Promise<DeploymentState>;
	view(state: DeploymentState): Promise<DeploymentView>;
	replan: Replan;
	releaseChanges(next: WouldRelease): Promise<ReleaseChanges>;
}

/** Longer than anybody's inbox should be. */
const maxWaiting = 200;

/** What people are asked, and their answers. Whoever may see a deployment may answer, in a browser or with a token that may. */
export function createApprovals({
	db,
	ledger,
	seen,
	view,
	replan,
	releaseChanges,
}: ApprovalOptions): Pick<DeploymentService, "waitingApprovals" | "approval" | "answer"> {
	return {
		async waitingApprovals(principal) {
			const rows = await db
				.selectFrom("deployments")
				.innerJoin("projects", "projects.id", "deployments.project_id")
				.select(["deployments.id", "deployments.state"])
				.where("projects.deleted_at", "is", null)
				.where("deployments.finished_at", "is", null)
				.where("deployments.status", "in", ["waiting", "paused"])
				.$if(principal.user.role !== "admin", (query) => query.where("deployments.owner_id", "=", principal.user.id))
				.orderBy("deployments.id")
				.limit(maxWaiting)
				.execute();
			const waiting = rows.flatMap(({ id, state }) => rowOf(wholeState(id, state)) ?? []);
			return waiting.sort((a, b) => a.requestedAt.localeCompare(b.requestedAt));
		},

		async approval(principal, id, approvalId) {
			const state = await seen(principal, id);
			const approval = findOrThrow(state, approvalId);
			const { project, target, plan } = state;
			const next = { projectId: project.id, target, plan, commit: state.source?.type === "git" ? commitOf(state) : null };
			const changes = approval.kind === "deploy" && approval.status === "pending" ? await releaseChanges(next) : null;
			const fix = approval.kind === "fix" && approval.status === "pending" ? proposedFix(state) : null;
			return { approval, plan, changes, fix };
		},

		async answer(principal, id, approvalId, answer) {
			const state = await seen(principal, id);
			const { user, via } = principal;
			if (!principal.mayApprove) throw mayNotApprove();
			const approval = findOrThrow(state, approvalId);
			const edit = editOf(answer, approval);
			const plan = edit && approval.status === "pending" ? await replan(state, edit) : null;
			const file = plan && artifactOf(id, planFile(plan.plan));
			const by = { id: user.id, name: user.name, via };
			const { decision, note } = answer;
			try {
				const answered = await ledger.apply(
					id,
					{ type: "answer", approval: approvalId, decision, by, note: note || null, edit, plan },
					{ once: { attempt: ulid(), key: "answer" }, before: file ? [file.draft] : [], within: file?.write },
				);
				return view(answered.state);
			} catch (error) {
				if (!isAppError(error) || error.code !== "already_answered") throw error;
				throw alreadyAnswered(findOrThrow(await seen(principal, id), approvalId), principal);
			}
		},
	};
}

function rowOf(state: DeploymentState): WaitingApproval | null {
	const approval = pendingApproval(state);
	if (!approval) return null;
	const { id, kind, stage, text, requestedAt } = approval;
	return { id, kind, stage, text, requestedAt, deploymentId: state.id, number: state.number, project: state.project };
}

function findOrThrow(state: DeploymentState, id: string): ApprovalState {
	const approval = state.approvals.find((candidate) => candidate.id === id);
	if (!approval) throw new AppError("not_found", { message: "This deployment asked no such question." });
	return approval;
}

/** What is changed about the plan, null for nothing. */
function editOf({ decision, edit }: AnswerApproval, { kind }: ApprovalState): PlanOverrides | null {
	if (edit === undefined || Object.keys(edit).length === 0) return null;
	if (kind === "plan" && decision === "approve") return edit;
	throw new AppError("bad_request", { message: "Only a plan that is approved can be changed.", action: "Leave “edit” out." });
}

function mayNotApprove(): AppError {
	return new AppError("forbidden", {
		message: "This API token may not answer approvals.",
		action: "Answer in the browser, or make a token that may on the page Settings.",
	});
}

function alreadyAnswered({ by, status, answeredAt }: ApprovalState, { user }: Principal): AppError {
	const who = by?.id === user.id ? "You have" : `${by?.name ?? "Somebody"} has`;
	const did = status === "rejected" ? "rejected" : "approved";
	return new AppError("already_answered", { message: `${who} ${did} this already.`, data: { by: by?.name, status, answeredAt } });
}
