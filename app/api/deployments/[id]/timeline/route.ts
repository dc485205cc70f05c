import { handle } from "../../../handle.ts";
import { readTimeline } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readTimeline, ({ services, principal, params, query }) =>
	services.deployments.timeline(principal, params.id, query),
);
