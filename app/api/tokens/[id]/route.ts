import { handle } from "../../handle.ts";
import { revokeToken } from "../schema.ts";

export const dynamic = "force-dynamic";

export const DELETE = handle(revokeToken, ({ services, principal, params }) => services.accounts.revokeToken(principal, params.id));
