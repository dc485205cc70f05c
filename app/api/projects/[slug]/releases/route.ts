import { handle } from "../../../handle.ts";
import { listReleases } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listReleases, async ({ services, principal, params }) => ({
	releases: await services.projects.releases(principal, params.slug),
}));
