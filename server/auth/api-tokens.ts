import type { Kysely, Selectable } from "kysely";
import { ulid } from "ulid";
import { AppError } from "../../lib/errors.ts";
import type { TokenView, UserView } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import { hashToken, randomToken } from "./random-token.ts";
import { userColumns } from "./users.ts";

export interface NewToken {
	name: string;
	expiresInDays: number | null;
	/** Whether it may answer approvals for its person. */
	mayApprove?: boolean;
}

/** Tokens with which scripts act for a person. The database knows only their hashes. */
export interface ApiTokens {
	list(userId: string): Promise<TokenView[]>;
	create(userId: string, input: NewToken): Promise<{ token: string; view: TokenView }>;
	/** Throws `not_found` for a token that is not this user's. */
	revoke(userId: string, id: string): Promise<void>;
	find(token: string): Promise<{ user: UserView; expiresAt: string | null; mayApprove: boolean } | null>;
}

const prefix = "qs_";
const maxPerUser = 100;
const dayMs = 24 * 60 * 60 * 1000;
/** "Last used" is this exact; finer would write to the database on every call. */
const lastUsedStepMs = 60_000;

export function createApiTokens(db: Kysely<Schema>, now: () => Date): ApiTokens {
	return {
		async list(userId) {
			const rows = await db
				.selectFrom("api_tokens")
				.selectAll()
				.where("user_id", "=", userId)
				.orderBy("id", "desc")
				.limit(maxPerUser)
				.execute();
			return rows.map(viewOf);
		},
		async create(userId, { name, expiresInDays, mayApprove = false }) {
			const { count } = await db
				.selectFrom("api_tokens")
				.select((select) => select.fn.countAll<number>().as("count"))
				.where("user_id", "=", userId)
				.executeTakeFirstOrThrow();
			if (count >= maxPerUser) {
				throw new AppError("conflict", {
					message: `You have ${maxPerUser} tokens, which is the limit.`,
					action: "Revoke one you no longer use.",
				});
			}
			const token = randomToken(prefix);
			const at = now();
			const row = await db
				.insertInto("api_tokens")
				.values({
					id: ulid(),
					user_id: userId,
					name,
					token_hash: hashToken(token),
					may_approve: mayApprove,
					created_at: at,
					last_used_at: null,
					expires_at: expiresInDays === null ? null : new Date(at.getTime() + expiresInDays * dayMs),
				})
				.returningAll()
				.executeTakeFirstOrThrow();
			return { token, view: viewOf(row) };
		},
		async revoke(userId, id) {
			const row = await db.deleteFrom("api_tokens").where("id", "=", id).where("user_id", "=", userId).returning("id").executeTakeFirst();
			if (!row) throw new AppError("not_found");
		},
		async find(token) {
			if (!token.startsWith(prefix)) return null;
			const at = now();
			const row = await db
				.selectFrom("api_tokens")
				.innerJoin("users", "users.id", "api_tokens.user_id")
				.select([...userColumns, "api_tokens.id as token_id", "expires_at", "last_used_at", "may_approve"])
				.where("token_hash", "=", hashToken(token))
				.where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", at)]))
				.executeTakeFirst();
			if (!row) return null;
			const { token_id, expires_at, last_used_at, may_approve, ...user } = row;
			if (last_used_at === null || at.getTime() - last_used_at.getTime() >= lastUsedStepMs) {
				await db.updateTable("api_tokens").set({ last_used_at: at }).where("id", "=", token_id).execute();
			}
			return { user, expiresAt: expires_at?.toISOString() ?? null, mayApprove: may_approve };
		},
	};
}

function viewOf(row: Selectable<Schema["api_tokens"]>): TokenView {
	return {
		id: row.id,
		name: row.name,
		mayApprove: row.may_approve,
		createdAt: row.created_at.toISOString(),
		lastUsedAt: row.last_used_at?.toISOString() ?? null,
		expiresAt: row.expires_at?.toISOString() ?? null,
	};
}
