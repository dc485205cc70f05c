import { clientAddressHeader } from "#lib/protocol/index.ts";
import { handleOpen } from "../../handle.ts";
import { login } from "../schema.ts";
import { signedIn } from "../signed-in.ts";

export const dynamic = "force-dynamic";

export const POST = handleOpen(login, async ({ services, body, request }) => {
	const address = request.headers.get(clientAddressHeader) ?? "unknown";
	return signedIn(await services.accounts.login({ ...body, address }), login.answer.status);
});
