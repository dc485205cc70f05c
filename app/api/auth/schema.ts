import { loginSchema, setupSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const path = "/api/auth";

export const login = operation({
	method: "POST",
	path: `${path}/login`,
	summary: "Log in with email and password",
	access: "open",
	body: loginSchema,
	answer: { status: 200, description: "{user}, and the session's cookie." },
});

export const logout = operation({
	method: "POST",
	path: `${path}/logout`,
	summary: "End this session",
	access: "login",
	answer: { status: 204, description: "The cookie is taken back." },
});

export const setup = operation({
	method: "POST",
	path: `${path}/setup`,
	summary: "Make the first account, with the one-time secret of the set-up link",
	access: "open",
	body: setupSchema,
	answer: { status: 201, description: "{user}, and the session's cookie." },
});

export const me = operation({
	method: "GET",
	path: `${path}/me`,
	summary: "Show who you are",
	access: "login",
	answer: { status: 200, description: "{user, via, expiresAt}" },
});
