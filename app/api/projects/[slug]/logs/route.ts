import { handle } from "../../../handle.ts";
import { readRuntimeLog } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readRuntimeLog, ({ services, principal, params, query, request }) =>
	services.projects.runtimeLog(principal, params.slug, query, request.signal),
);
