import type { Kysely, Transaction } from "kysely";
import { sql } from "kysely";
import { ulid } from "ulid";
import { AppError } from "../../lib/errors.ts";
import type { UserView } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

type Db = Kysely<Schema> | Transaction<Schema>;
export type NewUser = Pick<UserView, "email" | "name" | "role"> & { passwordHash: string | null };

export const userColumns = ["users.id", "users.email", "users.name", "users.role"] as const;
const maxUsers = 1000;

/** Email addresses are compared without regard to case and to how their characters are composed. */
export function normalizeEmail(email: string): string {
	return email.trim().normalize("NFKC").toLowerCase();
}

/** Throws `name_taken` when the email has an account. */
export async function insertUser(db: Db, { email, name, role, passwordHash }: NewUser): Promise<UserView> {
	const user = { id: ulid(), email: normalizeEmail(email), name: name.trim(), role };
	const row = await db
		.insertInto("users")
		.values({ ...user, password_hash: passwordHash, created_at: new Date() })
		.onConflict((conflict) => conflict.column("email").doNothing())
		.returning("id")
		.executeTakeFirst();
	if (!row) throw new AppError("name_taken", { message: "There is already an account with this email.", action: "Use another email." });
	return user;
}

/** True once somebody can log in. */
export async function hasAccount(db: Db): Promise<boolean> {
	const row = await db.selectFrom("users").select("id").where("password_hash", "is not", null).limit(1).executeTakeFirst();
	return row !== undefined;
}

/** The first administrator. Before set-up that is a stand-in without a password, which owns what an environment token makes. */
export async function ownerOfPlatform(db: Kysely<Schema>): Promise<UserView> {
	const found = await firstAdmin(db);
	if (found) return found;
	return db.transaction().execute(async (trx) => {
		await lockSetup(trx);
		return (await firstAdmin(trx)) ?? insertUser(trx, { email: standInEmail, name: "Administrator", role: "admin", passwordHash: null });
	});
}

/** Makes the first account that can log in, taking over the stand-in and what it owns. Only under `lockSetup`. */
export async function insertFirstAdmin(
	trx: Transaction<Schema>,
	user: { email: string; name: string; passwordHash: string },
): Promise<UserView> {
	const standIn = await trx
		.updateTable("users")
		.set({ email: normalizeEmail(user.email), name: user.name.trim(), password_hash: user.passwordHash })
		.where("email", "=", standInEmail)
		.where("password_hash", "is", null)
		.returning([...userColumns])
		.executeTakeFirst();
	return standIn ?? insertUser(trx, { ...user, role: "admin" });
}

/** Lets one set-up at a time go on, over all nodes, until the transaction ends. */
export async function lockSetup(trx: Transaction<Schema>): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtextextended('quayside.setup', 0))`.execute(trx);
}

export function listUsers(db: Kysely<Schema>): Promise<UserView[]> {
	return db
		.selectFrom("users")
		.select([...userColumns])
		.orderBy("users.id")
		.limit(maxUsers)
		.execute();
}

const standInEmail = "administrator@localhost";

function firstAdmin(db: Db): Promise<UserView | undefined> {
	return db
		.selectFrom("users")
		.select([...userColumns])
		.where("role", "=", "admin")
		.orderBy("id")
		.limit(1)
		.executeTakeFirst();
}
