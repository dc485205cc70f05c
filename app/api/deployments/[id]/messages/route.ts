import { handle } from "../../../handle.ts";
import { sendMessage } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(sendMessage, ({ services, principal, params, body, correlationId }) =>
	services.deployments.message(principal, params.id, body.text, { correlationId }),
);
