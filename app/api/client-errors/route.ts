import { AppError } from "#lib/errors.ts";
import { handleOpen } from "../handle.ts";
import { clientAddressOf } from "../share/client-address.ts";
import { reportClientError } from "../system-operations.ts";

export const dynamic = "force-dynamic";

/** Somebody who is logged in, or who looks at a shared deployment: nobody else fills the log. */
export const POST = handleOpen(reportClientError, async ({ services, body, request, correlationId }) => {
	const { share, ...report } = body;
	const address = clientAddressOf(request);
	const principal = await services.accounts.authenticate({ method: request.method, headers: request.headers });
	if (principal) {
		return {
			reference: services.system.reportClientError(report, { turn: principal.user.id, who: { userId: principal.user.id, correlationId } }),
		};
	}
	if (share === undefined) throw new AppError("unauthenticated");
	const deployment = await services.shares.confirm(share, address);
	return { reference: services.system.reportClientError(report, { turn: address, who: { sharedDeployment: deployment, correlationId } }) };
});
