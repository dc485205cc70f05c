import { handle } from "../handle.ts";
import { listProjects } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listProjects, async ({ services, principal }) => ({ projects: await services.projects.list(principal) }));
