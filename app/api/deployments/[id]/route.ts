import { handle } from "../../handle.ts";
import { getDeployment } from "../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(getDeployment, async ({ services, principal, params }) => ({
	deployment: await services.deployments.get(principal, params.id),
}));
