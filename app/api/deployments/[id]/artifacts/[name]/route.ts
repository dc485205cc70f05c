import { handle } from "../../../../handle.ts";
import { readArtifact } from "../../../schema.ts";

export const dynamic = "force-dynamic";

/** Types a browser shows as text. All else is a download: what a stranger's project wrote must not run on our origin. */
const shown = /^(text\/(plain|markdown|x-diff|x-dockerfile|csv)|application\/json)$/;

export const GET = handle(readArtifact, async ({ services, principal, params }) => {
	const { view, body } = await services.deployments.artifact(principal, params.id, params.name);
	const isText = shown.test(view.mediaType);
	return new Response(new Uint8Array(body), {
		headers: {
			"content-type": isText ? `${view.mediaType}; charset=utf-8` : "application/octet-stream",
			"content-disposition": `${isText ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(view.name)}`,
			"content-security-policy": "default-src 'none'; sandbox",
			"cache-control": "no-store",
			etag: `"${view.sha256}"`,
		},
	});
});
