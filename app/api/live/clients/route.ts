import { handle } from "../../handle.ts";
import { liveClients } from "../../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handle(liveClients, async ({ services, principal }) => ({ clients: services.system.liveClients(principal) }));
