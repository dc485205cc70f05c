import { handleOpen } from "../../../handle.ts";
import { clientAddressOf } from "../../client-address.ts";
import { readSharedStory } from "../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handleOpen(readSharedStory, ({ services, params, query, request }) =>
	services.shares.story(params.token, clientAddressOf(request), query),
);
