import { handle } from "../../handle.ts";
import { triggerUpdate } from "../../system-operations.ts";

export const dynamic = "force-dynamic";

export const POST = handle(triggerUpdate, async ({ services, principal }) => ({ event: await services.system.triggerUpdate(principal) }));
