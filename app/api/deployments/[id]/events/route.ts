import { handle } from "../../../handle.ts";
import { readEvents } from "../../schema.ts";
import { followEvents } from "./follow-events.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readEvents, async ({ services, principal, params, query, request }) => {
	const read = (cursor: typeof query, signal: AbortSignal) => services.deployments.events(principal, params.id, cursor, signal);
	if (request.headers.get("accept")?.includes("text/event-stream")) return followEvents(read, query, request);
	return read(query, request.signal);
});
