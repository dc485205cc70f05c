import { handle } from "../handle.ts";
import { readSystemSettings, writeSystemSettings } from "../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readSystemSettings, async ({ services, principal }) => ({ settings: await services.system.settings(principal) }));

export const PUT = handle(writeSystemSettings, async ({ services, principal, body }) => ({
	settings: await services.system.setSettings(principal, body.settings),
}));
