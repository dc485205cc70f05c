import { handle } from "../handle.ts";
import { listProjects } from "./schema.ts";
import { createProject } from "./source-schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listProjects, async ({ services, principal }) => ({ projects: await services.projects.list(principal) }));

export const POST = handle(createProject, async ({ services, principal, body }) => ({
	project: await services.sources.createProject(principal, body),
}));
