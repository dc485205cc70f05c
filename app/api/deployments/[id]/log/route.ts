import { handle } from "../../../handle.ts";
import { textStream } from "../../../text-stream.ts";
import { readLog } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readLog, async ({ services, principal, params, query }) => {
	const chunks = await services.deployments.log(principal, params.id, query.stage ?? null);
	return new Response(textStream(chunks[Symbol.asyncIterator]()), {
		headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store, no-transform" },
	});
});
