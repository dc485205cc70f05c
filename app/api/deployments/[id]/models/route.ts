import { handle } from "../../../handle.ts";
import { getModelUsage } from "../../../models/schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(getModelUsage, async ({ services, principal, params }) => ({
	usage: await services.models.usage(principal, params.id),
}));
