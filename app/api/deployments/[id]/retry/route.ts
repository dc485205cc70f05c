import { handle } from "../../../handle.ts";
import { idempotencyKeyOf } from "../../../idempotency-key.ts";
import { retryDeployment } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(retryDeployment, ({ services, principal, params, body, request, correlationId }) =>
	services.deployments.retry(principal, params.id, body.from ?? null, { idempotencyKey: idempotencyKeyOf(request), correlationId }),
);
