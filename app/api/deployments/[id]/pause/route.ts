import { handle } from "../../../handle.ts";
import { pauseDeployment } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(pauseDeployment, async ({ services, principal, params }) => ({
	deployment: await services.deployments.pause(principal, params.id),
}));
