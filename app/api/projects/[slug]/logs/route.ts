import { handle } from "../../../handle.ts";
import { readRuntimeLog } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readRuntimeLog, async ({ services, principal, params }) => ({
	log: await services.projects.runtimeLog(principal, params.slug),
}));
