import { handle } from "../../../handle.ts";
import { resumeDeployment } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(resumeDeployment, async ({ services, principal, params }) => ({
	deployment: await services.deployments.resume(principal, params.id),
}));
