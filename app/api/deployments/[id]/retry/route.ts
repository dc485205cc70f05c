import { handle } from "../../../handle.ts";
import { retryDeployment } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(retryDeployment, ({ services, principal, params, body, correlationId }) =>
	services.deployments.retry(principal, params.id, body.from ?? null, { correlationId }),
);
