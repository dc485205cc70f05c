import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { createUserSchema, type UserView } from "../../lib/protocol/index.ts";
import type { AccountService, Principal, SignedIn } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import type { Secret } from "../secrets/secret.ts";
import { weaknessOf } from "../secrets/strength.ts";
import { createApiTokens } from "./api-tokens.ts";
import { createLoginLimit, type LoginLimit } from "./login-limit.ts";
import { changesSomething, createOriginCheck } from "./origin.ts";
import { createPasswords } from "./password.ts";
import { isSameToken } from "./random-token.ts";
import { createSessionCookie } from "./session-cookie.ts";
import { createSessions } from "./sessions.ts";
import { createSetup } from "./setup.ts";
import { hasAccount, insertUser, listUsers, normalizeEmail, ownerOfPlatform } from "./users.ts";

export interface AccountsOptions {
	db: Kysely<Schema>;
	/** Address people open Quayside at; `https:` makes the cookie `Secure`. */
	publicUrl: string;
	/** Origins of pages of ours, beside that of `publicUrl`. */
	allowedOrigins: readonly string[];
	/** QUAYSIDE_TOKEN: acts as the first administrator. */
	token: Secret | null;
	log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
	now?: () => Date;
	loginLimit?: LoginLimit;
}

export interface Accounts extends AccountService {
	/** Address that makes the first account, once, within 24 hours; null when there is one. For the terminal only, never for a log. */
	createSetupLink(): Promise<string | null>;
	/** Makes the administrator of an unattended set-up, unless there is an account. Throws `misconfigured` for what would be refused in a form. */
	createAdmin(input: { email: string; password: Secret }): Promise<void>;
}

/** Accounts, sessions and API tokens. Throws `misconfigured` for a weak token. */
export function createAccounts({
	db,
	publicUrl,
	allowedOrigins,
	token,
	log,
	now = () => new Date(),
	loginLimit = createLoginLimit(),
}: AccountsOptions): Accounts {
	refuseWeakToken(token);
	const isOwnOrigin = createOriginCheck([publicUrl, ...allowedOrigins]);
	const cookie = createSessionCookie({ secure: publicUrl.startsWith("https:") });
	const passwords = createPasswords();
	const sessions = createSessions(db, now);
	const tokens = createApiTokens(db, now);
	const setup = createSetup(db, now);

	async function signIn(user: UserView): Promise<SignedIn> {
		const session = await sessions.start(user.id);
		return { user, setCookies: [cookie.set(session.token, session.maxAgeS)] };
	}

	async function findByToken(sent: string): Promise<Principal | null> {
		if (token && isSameToken(sent, token.reveal()))
			return { user: await ownerOfPlatform(db), via: "token", expiresAt: null, mayApprove: true };
		const found = await tokens.find(sent);
		return found && { ...found, via: "token" };
	}

	async function findBySession(headers: Headers): Promise<Principal | null> {
		for (const candidate of cookie.read(headers)) {
			const found = await sessions.find(candidate);
			if (found) return { ...found, via: "session", mayApprove: true };
		}
		return null;
	}

	return {
		async authenticate({ method, headers }) {
			const bearer = bearerOf(headers);
			if (bearer !== null) return findByToken(bearer);
			const principal = await findBySession(headers);
			if (principal && changesSomething(method) && !isOwnOrigin(headers)) throw new AppError("foreign_origin");
			return principal;
		},

		needsSetup: async () => !(await hasAccount(db)),

		async setup({ secret, name, email, password }) {
			if (!(await setup.accepts(secret))) throw new AppError("setup_expired");
			const user = await setup.complete(secret, { name, email, passwordHash: await passwords.hash(password) });
			log.info({ userId: user.id }, "the first account was made");
			return signIn(user);
		},

		async login({ email, password, address }) {
			const known = normalizeEmail(email);
			await loginLimit.check(known, address);
			const row = await db.selectFrom("users").selectAll().where("email", "=", known).executeTakeFirst();
			if (!(await passwords.verify(password, row?.password_hash ?? null)) || !row) {
				await loginLimit.failed(known, address);
				log.warn({ address }, "a login failed");
				throw new AppError("invalid_credentials");
			}
			await loginLimit.succeeded(known, address);
			return signIn({ id: row.id, email: row.email, name: row.name, role: row.role });
		},

		async logout(headers) {
			for (const candidate of cookie.read(headers)) await sessions.end(candidate);
			return cookie.clear();
		},

		listTokens: ({ user }) => tokens.list(user.id),
		async createToken({ user, mayApprove }, input) {
			// A token does not make itself a stronger one.
			if (input.mayApprove && !mayApprove) throw new AppError("forbidden");
			return tokens.create(user.id, input);
		},
		revokeToken: ({ user }, id) => tokens.revoke(user.id, id),

		async createUser(principal, { email, name, password }) {
			requireAdmin(principal);
			return insertUser(db, { email, name, role: "member", passwordHash: await passwords.hash(password) });
		},
		async listUsers(principal) {
			requireAdmin(principal);
			return listUsers(db);
		},

		async createSetupLink() {
			const secret = await setup.createSecret();
			// Behind the "#" a secret is never sent to a server by opening the link, so no proxy writes it into its log.
			return secret && new URL(`/setup#${secret}`, publicUrl).href;
		},

		async createAdmin({ email, password }) {
			if (await hasAccount(db)) return;
			const parsed = createUserSchema.safeParse({ email, name: "Administrator", password: password.reveal() });
			if (!parsed.success) {
				const field = parsed.error.issues[0]?.path[0] === "password" ? "QUAYSIDE_ADMIN_PASSWORD" : "QUAYSIDE_ADMIN_EMAIL";
				throw new AppError("misconfigured", {
					message: `${field} cannot be used for an account.`,
					action: field === "QUAYSIDE_ADMIN_EMAIL" ? "Set it to an email address." : "Set it to a password of 12 to 200 characters.",
				});
			}
			const user = await setup.createAdmin({ ...parsed.data, passwordHash: await passwords.hash(parsed.data.password) });
			if (user) log.info({ userId: user.id }, "the administrator was made from the environment");
		},
	};
}

function requireAdmin({ user }: Principal): void {
	if (user.role !== "admin") throw new AppError("forbidden");
}

function bearerOf(headers: Headers): string | null {
	return /^Bearer +([\x21-\x7e]{1,512})$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

function refuseWeakToken(token: Secret | null): void {
	const weakness = token && weaknessOf(token.reveal());
	if (!weakness) return;
	throw new AppError("misconfigured", {
		message: `QUAYSIDE_TOKEN is too weak: it ${weakness}.`,
		action: "Set it to a random value, such as one made by `openssl rand -hex 32`, or leave it out.",
	});
}
