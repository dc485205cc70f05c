import { handle } from "../../handle.ts";
import { deleteProject, getProject } from "../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(getProject, async ({ services, principal, params }) => ({
	project: await services.projects.get(principal, params.slug),
}));

export const DELETE = handle(deleteProject, async ({ services, principal, params }) => {
	await services.projects.delete(principal, params.slug);
	return {};
});
