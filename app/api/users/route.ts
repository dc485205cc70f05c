import { handle } from "../handle.ts";
import { createUser, listUsers } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listUsers, async ({ services, principal }) => ({ users: await services.accounts.listUsers(principal) }));

export const POST = handle(createUser, async ({ services, principal, body }) => ({
	user: await services.accounts.createUser(principal, body),
}));
