import { handle } from "../../../handle.ts";
import { readTiming } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readTiming, async ({ services, principal, params }) => ({
	timing: await services.deployments.timing(principal, params.id),
}));
