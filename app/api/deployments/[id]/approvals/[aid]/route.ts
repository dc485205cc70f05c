import { handle } from "../../../../handle.ts";
import { answerApproval, showApproval } from "../../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(showApproval, ({ services, principal, params }) =>
	services.deployments.approval(principal, params.id, params.aid),
);

export const POST = handle(answerApproval, async ({ services, principal, params, body }) => ({
	deployment: await services.deployments.answer(principal, params.id, params.aid, body),
}));
