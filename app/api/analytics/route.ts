import { readAnalytics } from "../deployments/schema.ts";
import { handle } from "../handle.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readAnalytics, async ({ services, principal, query }) => ({
	analytics: await services.deployments.analytics(principal, query),
}));
