import type { Kysely } from "kysely";
import type { UserView } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import { hashToken, randomToken } from "./random-token.ts";
import { userColumns } from "./users.ts";

/** A person at one browser. The database knows only the hash of the token in the cookie. */
export interface Sessions {
	start(userId: string): Promise<{ token: string; maxAgeS: number }>;
	find(token: string): Promise<{ user: UserView; expiresAt: string } | null>;
	end(token: string): Promise<void>;
}

const lifetimeMs = 30 * 24 * 60 * 60 * 1000;
const maxPerUser = 50;

export function createSessions(db: Kysely<Schema>, now: () => Date): Sessions {
	return {
		async start(userId) {
			const token = randomToken();
			const at = now();
			await db
				.insertInto("sessions")
				.values({ token_hash: hashToken(token), user_id: userId, created_at: at, expires_at: new Date(at.getTime() + lifetimeMs) })
				.execute();
			await forgetOld(userId, at);
			return { token, maxAgeS: lifetimeMs / 1000 };
		},
		async find(token) {
			const row = await db
				.selectFrom("sessions")
				.innerJoin("users", "users.id", "sessions.user_id")
				.select([...userColumns, "sessions.expires_at"])
				.where("token_hash", "=", hashToken(token))
				.where("expires_at", ">", now())
				.executeTakeFirst();
			if (!row) return null;
			const { expires_at, ...user } = row;
			return { user, expiresAt: expires_at.toISOString() };
		},
		async end(token) {
			await db.deleteFrom("sessions").where("token_hash", "=", hashToken(token)).execute();
		},
	};

	async function forgetOld(userId: string, at: Date): Promise<void> {
		const newest = db
			.selectFrom("sessions")
			.select("token_hash")
			.where("user_id", "=", userId)
			.orderBy("created_at", "desc")
			.limit(maxPerUser);
		await db
			.deleteFrom("sessions")
			.where("user_id", "=", userId)
			.where((where) => where.or([where("expires_at", "<=", at), where("token_hash", "not in", newest)]))
			.execute();
	}
}
