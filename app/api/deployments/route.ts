import { handle } from "../handle.ts";
import { idempotencyKeyOf } from "../idempotency-key.ts";
import { createDeployment, listDeployments } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listDeployments, ({ services, principal, query }) => services.deployments.list(principal, query));

export const POST = handle(createDeployment, ({ services, principal, body, request, correlationId }) =>
	services.deployments.create(principal, body, { idempotencyKey: idempotencyKeyOf(request), correlationId }),
);
