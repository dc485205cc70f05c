import { handle } from "../../../handle.ts";
import { createShare, listShares, revokeShares } from "../../../share/schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(createShare, ({ services, principal, params, body }) => services.shares.create(principal, params.id, body));

export const GET = handle(listShares, async ({ services, principal, params }) => ({
	shares: await services.shares.list(principal, params.id),
}));

export const DELETE = handle(revokeShares, async ({ services, principal, params, query }) => {
	await services.shares.revoke(principal, params.id, query.share ?? null);
});
