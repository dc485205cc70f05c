import { monotonicFactory, ulid } from "ulid";
import { emptyState } from "#lib/deployment/state.ts";
import type { ReleaseStatus } from "#lib/protocol/index.ts";
import type { Principal } from "#lib/services.ts";
import type { ReleaseControl } from "#server/projects/project-service.ts";
import type { TestDatabase } from "#tests/support/database.ts";

/** In order, also within one millisecond. */
const nextId = monotonicFactory();

/** A person with an id of their own. */
export function person(role: "admin" | "member" = "member"): Principal {
	const id = ulid();
	return { user: { id, email: `${id}@example.com`, name: id, role }, via: "session", expiresAt: null, mayApprove: true };
}

/** A finished deployment and its release, as the pipeline leaves them. */
export async function addRelease(
	{ db }: TestDatabase,
	project: { id: string; ownerId: string; number: number },
	status: ReleaseStatus = "stopped",
): Promise<string> {
	const id = nextId();
	const at = new Date();
	await db
		.insertInto("deployments")
		.values({
			id,
			project_id: project.id,
			owner_id: project.ownerId,
			number: project.number,
			status: "succeeded",
			state: JSON.stringify(emptyState(id)),
			text: "",
			created_at: at,
			finished_at: at,
		})
		.execute();
	await db
		.insertInto("releases")
		.values({
			id,
			project_id: project.id,
			deployment_id: id,
			node_id: "node",
			kind: "process",
			status,
			plan: JSON.stringify({ framework: "Express" }),
			commit: "c0ffee",
			env: Buffer.from("x"),
			size_bytes: 1234,
			created_at: at,
		})
		.execute();
	return id;
}

/** A target that keeps the rows as the local one does, and whose releases of the given ids never answer. */
export function tableTarget({ db }: TestDatabase, broken: ReadonlySet<string> = new Set()): ReleaseControl & { calls: string[] } {
	const calls: string[] = [];
	const set = async (id: string, status: ReleaseStatus) => {
		await db.updateTable("releases").set({ status }).where("id", "=", id).execute();
	};
	return {
		calls,
		async start(id) {
			calls.push(`start ${id}`);
			await set(id, "live");
			return { ok: true, value: null };
		},
		async stop(id) {
			calls.push(`stop ${id}`);
			await set(id, "stopped");
		},
		async abandon(id) {
			calls.push(`abandon ${id}`);
			const { project_id } = await db.selectFrom("releases").select("project_id").where("id", "=", id).executeTakeFirstOrThrow();
			const project = await db.selectFrom("projects").select("active_release").where("id", "=", project_id).executeTakeFirstOrThrow();
			if (project.active_release !== id) await set(id, "stopped");
		},
		async check(id) {
			return broken.has(id) ? { ok: false, failure: { code: "app_not_listening" } } : { ok: true, value: null };
		},
		async activate(id) {
			calls.push(`activate ${id}`);
			const row = await db.selectFrom("releases").select("project_id").where("id", "=", id).executeTakeFirstOrThrow();
			const before = await db.selectFrom("projects").select("active_release").where("id", "=", row.project_id).executeTakeFirstOrThrow();
			await db.updateTable("projects").set({ active_release: id }).where("id", "=", row.project_id).execute();
			if (before.active_release && before.active_release !== id) await set(before.active_release, "stopped");
		},
		async readLog(id, { lines, search, after }) {
			if (after === `${id}/end`) return { text: "", cursor: after, reset: false };
			return { text: `log of ${id}, ${lines} lines, ${search ?? "all"}, s3cr3t-value\n`, cursor: `${id}/end`, reset: after !== undefined };
		},
	};
}
