import { handle } from "../../../handle.ts";
import { listProjectArtifacts } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listProjectArtifacts, async ({ services, principal, params }) => ({
	artifacts: await services.deployments.artifactHistory(principal, params.slug),
}));
