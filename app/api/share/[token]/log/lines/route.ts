import { handleOpen } from "../../../../handle.ts";
import { clientAddressOf } from "../../../client-address.ts";
import { readSharedLogLines } from "../../../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handleOpen(readSharedLogLines, ({ services, params, query, request }) =>
	services.shares.logLines(params.token, clientAddressOf(request), query),
);
