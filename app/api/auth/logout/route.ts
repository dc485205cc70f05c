import { handle, json } from "../../handle.ts";
import { logout } from "../schema.ts";
import { withCookies } from "../signed-in.ts";

export const dynamic = "force-dynamic";

export const POST = handle(logout, async ({ services, request }) =>
	withCookies(json(null, logout.answer.status), await services.accounts.logout(request.headers)),
);
