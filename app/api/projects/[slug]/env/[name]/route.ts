import { handle } from "../../../../handle.ts";
import { deleteEnv } from "../../../schema.ts";

export const dynamic = "force-dynamic";

export const DELETE = handle(deleteEnv, ({ services, principal, params }) =>
	services.projects.deleteEnv(principal, params.slug, params.name),
);
