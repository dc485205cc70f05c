import { handle } from "../../../../handle.ts";
import { readArtifactArchive } from "../../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readArtifactArchive, async ({ services, principal, params }) => {
	const { name, body } = await services.deployments.artifactArchive(principal, params.id);
	return new Response(new Uint8Array(body), {
		headers: {
			"content-type": "application/zip",
			"content-disposition": `attachment; filename="${name}"`,
			"cache-control": "no-store",
		},
	});
});
