import { handle } from "../../../handle.ts";
import { getSettings, setSettings } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(getSettings, async ({ services, principal, params }) => ({
	settings: await services.projects.settings(principal, params.slug),
}));

export const PUT = handle(setSettings, async ({ services, principal, params, body }) => ({
	settings: await services.projects.setSettings(principal, params.slug, body.settings),
}));
