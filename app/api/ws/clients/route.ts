export const dynamic = "force-dynamic";

export { GET } from "../../live/clients/route.ts";
