import { handleOpen } from "../../handle.ts";
import { clientAddressOf } from "../client-address.ts";
import { openShare } from "../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handleOpen(openShare, async ({ services, params, request }) => ({
	shared: await services.shares.open(params.token, clientAddressOf(request)),
}));
