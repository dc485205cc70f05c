export const dynamic = "force-dynamic";

export { GET } from "../../../deployments/[id]/events/route.ts";
