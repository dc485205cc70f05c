export const dynamic = "force-dynamic";

export { POST } from "../../live/trigger/route.ts";
