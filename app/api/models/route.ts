import { handle } from "../handle.ts";
import { getModels } from "./schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(getModels, async ({ services, principal }) => ({ models: await services.models.view(principal) }));
