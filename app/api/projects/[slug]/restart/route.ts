import { handle } from "../../../handle.ts";
import { restartProject } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(restartProject, async ({ services, principal, params }) => ({
	release: await services.projects.restart(principal, params.slug),
}));
