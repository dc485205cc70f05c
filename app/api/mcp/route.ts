import { handle } from "../handle.ts";
import { callMcp } from "./schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(callMcp, ({ services, principal, request }) => services.mcp.handle(principal, request));
