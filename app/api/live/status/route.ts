import { handle, json } from "../../handle.ts";
import { liveStatus } from "../../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handle(liveStatus, async ({ services, principal }) => {
	const status = services.system.liveStatus(principal);
	return json(status, status.status === "draining" ? 503 : 200);
});
