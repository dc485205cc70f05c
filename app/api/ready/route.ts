import { handleOpen, json } from "../handle.ts";
import { ready } from "../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handleOpen(ready, async ({ services }) => {
	const state = await services.system.ready();
	return json(state, state.ready ? 200 : 503);
});
