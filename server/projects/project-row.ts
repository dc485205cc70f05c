import type { Kysely, Selectable, Transaction } from "kysely";
import { AppError } from "../../lib/errors.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";

export type Db = Kysely<Schema> | Transaction<Schema>;
export type ProjectRow = Selectable<Schema["projects"]>;

/** The project of this slug, if this principal may see it: its owner or an administrator. Throws `not_found` otherwise. */
export async function getSeenProject(db: Db, principal: Principal, slug: string): Promise<ProjectRow> {
	const row = await findBySlug(db, slug);
	if (!row || !maySee(principal, row.owner_id)) throw new AppError("not_found");
	return row;
}

export function findBySlug(db: Db, slug: string): Promise<ProjectRow | undefined> {
	return db.selectFrom("projects").selectAll().where("slug", "=", slug).where("deleted_at", "is", null).executeTakeFirst();
}

/** True when what belongs to this owner is shown to this principal. */
export function maySee({ user }: Principal, ownerId: string): boolean {
	return user.id === ownerId || user.role === "admin";
}
