import { handle } from "../../../handle.ts";
import { rollback } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(rollback, async ({ services, principal, params, body }) => ({
	release: await services.projects.rollback(principal, params.slug, body.release),
}));
