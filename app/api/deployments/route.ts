import { AppError } from "#lib/errors.ts";
import { idempotencyKeyHeader } from "#lib/protocol/index.ts";
import { handle } from "../handle.ts";
import { createDeployment, listDeployments } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listDeployments, ({ services, principal, query }) => services.deployments.list(principal, query));

export const POST = handle(createDeployment, ({ services, principal, body, request, correlationId }) =>
	services.deployments.create(principal, body, { idempotencyKey: idempotencyKeyOf(request), correlationId }),
);

function idempotencyKeyOf(request: Request): string | null {
	const key = request.headers.get(idempotencyKeyHeader);
	if (key === null || /^[\x21-\x7e]{1,200}$/.test(key)) return key;
	throw new AppError("bad_request", { message: "The idempotency key has more than 200 characters, or spaces in it." });
}
