import { createUserSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const path = "/api/users";

export const listUsers = operation({
	method: "GET",
	path,
	summary: "List accounts (administrators)",
	access: "login",
	answer: { status: 200, description: "{users}" },
});

export const createUser = operation({
	method: "POST",
	path,
	summary: "Make an account for a member (administrators)",
	access: "login",
	body: createUserSchema,
	answer: { status: 201, description: "{user}" },
});
