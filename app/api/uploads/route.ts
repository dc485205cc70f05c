import { handle } from "../handle.ts";
import { createUpload } from "./schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(createUpload, async ({ services, principal, query, request }) => ({
	upload: await services.sources.upload(principal, query.name, (request.body ?? []) as AsyncIterable<Uint8Array>, request.signal),
}));
