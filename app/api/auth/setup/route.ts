import { handleOpen } from "../../handle.ts";
import { setup } from "../schema.ts";
import { signedIn } from "../signed-in.ts";

export const dynamic = "force-dynamic";

export const POST = handleOpen(setup, async ({ services, body }) => signedIn(await services.accounts.setup(body), setup.answer.status));
