import { handle } from "../../handle.ts";
import { getProject } from "../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(getProject, async ({ services, principal, params }) => ({
	project: await services.projects.get(principal, params.slug),
}));
