import { handle } from "../handle.ts";
import { listApprovals } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(listApprovals, async ({ services, principal }) => ({
	approvals: await services.deployments.waitingApprovals(principal),
}));
