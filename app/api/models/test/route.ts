import { handle } from "../../handle.ts";
import { testModel } from "../schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(testModel, async ({ services, principal, body, request }) => ({
	test: await services.models.test(principal, body.model, request.signal),
}));
