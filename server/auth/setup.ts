import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import type { UserView } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import { hashToken, isSameToken, randomToken } from "./random-token.ts";
import { hasAccount, insertFirstAdmin, lockSetup } from "./users.ts";

/** The first account: made once, with a secret that only the terminal of the server shows, or from the environment. */
export interface Setup {
	/** A new one-time secret, valid for 24 hours, or null when there is an account. The secret given out before is void. */
	createSecret(): Promise<string | null>;
	/** True when this secret would be accepted now. */
	accepts(secret: string): Promise<boolean>;
	/** Uses the secret up and makes the administrator. Throws `setup_expired`. */
	complete(secret: string, user: FirstAdmin): Promise<UserView>;
	/** Makes the administrator, unless there is an account. */
	createAdmin(user: FirstAdmin): Promise<UserView | null>;
}

export interface FirstAdmin {
	email: string;
	name: string;
	passwordHash: string;
}

const key = "setup";
const validMs = 24 * 60 * 60 * 1000;

export function createSetup(db: Kysely<Schema>, now: () => Date): Setup {
	return {
		createSecret: () =>
			db.transaction().execute(async (trx) => {
				await lockSetup(trx);
				if (await hasAccount(trx)) return null;
				const secret = randomToken();
				const value = JSON.stringify({ hash: hashToken(secret), expiresAt: now().getTime() + validMs });
				await trx
					.insertInto("meta")
					.values({ key, value })
					.onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
					.execute();
				return secret;
			}),
		accepts: async (secret) => !(await hasAccount(db)) && (await isValid(db, secret)),
		complete: (secret, user) =>
			db.transaction().execute(async (trx) => {
				await lockSetup(trx);
				if ((await hasAccount(trx)) || !(await isValid(trx, secret))) throw new AppError("setup_expired");
				await trx.deleteFrom("meta").where("key", "=", key).execute();
				return insertFirstAdmin(trx, user);
			}),
		createAdmin: (user) =>
			db.transaction().execute(async (trx) => {
				await lockSetup(trx);
				return (await hasAccount(trx)) ? null : insertFirstAdmin(trx, user);
			}),
	};

	async function isValid(connection: Pick<Kysely<Schema>, "selectFrom">, secret: string): Promise<boolean> {
		const row = await connection.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
		if (!row) return false;
		const { hash, expiresAt } = JSON.parse(row.value) as { hash: string; expiresAt: number };
		return now().getTime() < expiresAt && isSameToken(hashToken(secret), hash);
	}
}
