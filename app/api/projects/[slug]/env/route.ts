import { handle } from "../../../handle.ts";
import { listEnv, setEnv } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listEnv, async ({ services, principal, params }) => ({
	env: await services.projects.env(principal, params.slug),
}));

export const POST = handle(setEnv, async ({ services, principal, params, body }) => ({
	variable: await services.projects.setEnv(principal, params.slug, body),
}));
