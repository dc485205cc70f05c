import { handle } from "../../../handle.ts";
import { stopProject } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(stopProject, async ({ services, principal, params }) => ({
	release: await services.projects.stop(principal, params.slug),
}));
