import { handleOpen } from "../handle.ts";
import { health } from "../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handleOpen(health, async ({ services }) => services.system.health());
