import { handle } from "../../../handle.ts";
import { deleteModelProvider, setModelProvider } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const PUT = handle(setModelProvider, async ({ services, principal, params, body }) => ({
	models: await services.models.setProvider(principal, params.id, body),
}));

export const DELETE = handle(deleteModelProvider, ({ services, principal, params }) =>
	services.models.deleteProvider(principal, params.id),
);
