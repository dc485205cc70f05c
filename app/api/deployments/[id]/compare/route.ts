import { handle } from "../../../handle.ts";
import { compareDeployments } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(compareDeployments, async ({ services, principal, params, query }) => ({
	comparison: await services.deployments.compare(principal, params.id, query.with ?? null),
}));
