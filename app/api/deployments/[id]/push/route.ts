import { handle } from "../../../handle.ts";
import { pushProduct, showPushRemote } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(showPushRemote, async ({ services, principal, params }) => ({
	remote: await services.pushes.remote(principal, params.id),
}));

export const POST = handle(pushProduct, async ({ services, principal, params, body, request }) => ({
	push: await services.pushes.push(principal, params.id, body, { signal: request.signal }),
}));
