export const dynamic = "force-dynamic";

export { GET } from "../../live/status/route.ts";
