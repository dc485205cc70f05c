import { handle } from "../../../handle.ts";
import { listArtifacts } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listArtifacts, async ({ services, principal, params }) => ({
	artifacts: await services.deployments.artifacts(principal, params.id),
}));
