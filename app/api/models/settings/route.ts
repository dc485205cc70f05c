import { handle } from "../../handle.ts";
import { setModelSettings } from "../schema.ts";

export const dynamic = "force-dynamic";

export const PUT = handle(setModelSettings, async ({ services, principal, body }) => ({
	models: await services.models.setSettings(principal, body),
}));
