import { handle } from "../handle.ts";
import { createToken, listTokens } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listTokens, async ({ services, principal }) => ({ tokens: await services.accounts.listTokens(principal) }));

export const POST = handle(createToken, ({ services, principal, body }) => services.accounts.createToken(principal, body));
