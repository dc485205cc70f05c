export const dynamic = "force-dynamic";

export { GET } from "../../deployments/[id]/route.ts";
