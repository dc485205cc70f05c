import { handle } from "../../../handle.ts";
import { idempotencyKeyOf } from "../../../idempotency-key.ts";
import { sendMessage } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(sendMessage, ({ services, principal, params, body, request, correlationId }) =>
	services.deployments.message(principal, params.id, body.text, { idempotencyKey: idempotencyKeyOf(request), correlationId }),
);
