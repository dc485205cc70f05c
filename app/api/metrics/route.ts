import { handle } from "../handle.ts";
import { metrics } from "../system-operations.ts";

export const dynamic = "force-dynamic";

export const GET = handle(
	metrics,
	async ({ services, principal }) =>
		new Response(await services.system.metrics(principal), {
			headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" },
		}),
);
