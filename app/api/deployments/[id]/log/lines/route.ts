import { handle } from "../../../../handle.ts";
import { readLogLines } from "../../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(readLogLines, ({ services, principal, params, query }) =>
	services.deployments.logLines(principal, params.id, query),
);
