export const dynamic = "force-dynamic";

export { GET } from "../../../deployments/[id]/metrics/route.ts";
