import { handle } from "../../handle.ts";
import { me } from "../schema.ts";

export const dynamic = "force-dynamic";

export const GET = handle(me, async ({ principal }) => principal);
