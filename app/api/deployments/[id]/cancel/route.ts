import { handle } from "../../../handle.ts";
import { cancelDeployment } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(cancelDeployment, async ({ services, principal, params }) => ({
	deployment: await services.deployments.cancel(principal, params.id),
}));
