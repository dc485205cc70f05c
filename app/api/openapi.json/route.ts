import { handle } from "../handle.ts";
import { openapi } from "../system-operations.ts";
import { openApiDocument } from "./document.ts";

export const dynamic = "force-dynamic";

export const GET = handle(openapi, async ({ services }) => openApiDocument(services.system.health().version));
