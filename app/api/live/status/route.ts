import { handle } from "../../handle.ts";
import { liveStatus } from "../../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handle(liveStatus, async ({ services, principal }) => services.system.liveStatus(principal));
