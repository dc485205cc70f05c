import { handle } from "../../../handle.ts";
import { startProject } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(startProject, async ({ services, principal, params }) => ({
	release: await services.projects.start(principal, params.slug),
}));
