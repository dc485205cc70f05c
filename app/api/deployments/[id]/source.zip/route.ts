import { handle } from "../../../handle.ts";
import { readSourceZip } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readSourceZip, async ({ services, principal, params }) => {
	const { name, body } = await services.deployments.sourceZip(principal, params.id);
	return new Response(new Uint8Array(body), {
		headers: {
			"content-type": "application/zip",
			"content-disposition": `attachment; filename="${name}"`,
			"cache-control": "no-store",
		},
	});
});
