import { handle } from "../handle.ts";
import { reportClientError } from "../system-operations.ts";

export const dynamic = "force-dynamic";

export const POST = handle(reportClientError, async ({ services, principal, body, correlationId }) => ({
	reference: services.system.reportError(new Error(`in a page: ${body.message}`), {
		correlationId,
		userId: principal.user.id,
		page: body.page ?? "",
		digest: body.digest ?? "",
		pageStack: body.stack ?? "",
	}),
}));
