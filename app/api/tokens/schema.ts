import { z } from "zod";
import { createTokenSchema, ulidSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const path = "/api/tokens";

export const listTokens = operation({
	method: "GET",
	path,
	summary: "List your API tokens",
	access: "login",
	answer: { status: 200, description: "{tokens}" },
});

export const createToken = operation({
	method: "POST",
	path,
	summary: "Make an API token",
	access: "login",
	body: createTokenSchema,
	answer: { status: 201, description: "{token, view}: the token is shown in this answer and never again." },
});

export const revokeToken = operation({
	method: "DELETE",
	path: `${path}/{id}`,
	summary: "Revoke an API token",
	access: "login",
	params: z.object({ id: ulidSchema }),
	answer: { status: 204, description: "It is worth nothing now." },
});
