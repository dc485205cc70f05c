import { handle } from "../../../handle.ts";
import { makeDeployKey, showDeployKey } from "../../source-schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(showDeployKey, async ({ services, principal, params }) => ({
	deployKey: await services.sources.deployKey(principal, params.slug),
}));

export const POST = handle(makeDeployKey, async ({ services, principal, params }) => ({
	deployKey: await services.sources.makeDeployKey(principal, params.slug),
}));
