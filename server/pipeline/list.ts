import type { Kysely } from "kysely";
import { commitOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentRow, ListDeployments } from "../../lib/protocol/index.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import { openDeployments } from "./queue-positions.ts";

/** A page of deployments this principal may see, newest first. */
export async function listDeployments(
	db: Kysely<Schema>,
	principal: Principal,
	query: ListDeployments,
): Promise<{ deployments: DeploymentRow[]; nextCursor: string | null }> {
	let select = db
		.selectFrom("deployments")
		.innerJoin("projects", "projects.id", "deployments.project_id")
		.select(["deployments.id", "deployments.state", "deployments.text", "deployments.status"])
		.where("projects.deleted_at", "is", null)
		.orderBy("deployments.id", "desc")
		.limit(query.limit + 1);
	if (principal.user.role !== "admin") select = select.where("deployments.owner_id", "=", principal.user.id);
	if (query.project) select = select.where("projects.slug", "=", query.project);
	if (query.status) select = select.where("deployments.status", "=", query.status);
	if (query.cursor) select = select.where("deployments.id", "<", query.cursor);
	const rows = await select.execute();
	const page = rows.slice(0, query.limit);
	const line = page.some(({ status }) => status === "queued") ? (await openDeployments(db)).map(({ id }) => id) : [];
	return {
		deployments: page.map(({ id, state, text, status }) => ({
			id,
			project: state.project,
			number: state.number,
			status,
			stage: state.stage,
			progress: state.progress,
			text,
			sourceUrl: state.source?.url ?? "",
			ref: state.source?.ref ?? null,
			commit: commitOf(state),
			previewUrl: state.previewUrl,
			errorMessage: state.error?.message ?? null,
			queuedAt: state.queuedAt,
			startedAt: state.startedAt,
			finishedAt: state.finishedAt,
			ahead: status === "queued" ? Math.max(0, line.indexOf(id)) : null,
			agentStatuses: state.agents.map((agent) => agent.status),
		})),
		nextCursor: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
	};
}
