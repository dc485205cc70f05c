import { metricsOf } from "#lib/deployment/metrics.ts";
import { handle } from "../../../handle.ts";
import { readMetrics } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readMetrics, async ({ services, principal, params }) => {
	const state = await services.deployments.get(principal, params.id);
	return { metrics: metricsOf(state, await services.models.usage(principal, params.id)) };
});
