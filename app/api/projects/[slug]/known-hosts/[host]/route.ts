import { handle } from "../../../../handle.ts";
import { forgetHost } from "../../../source-schema.ts";

export const dynamic = "force-dynamic";

export const DELETE = handle(forgetHost, ({ services, principal, params }) =>
	services.sources.forgetHost(principal, params.slug, params.host),
);
