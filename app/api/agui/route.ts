import { eventStream } from "../event-stream.ts";
import { handle } from "../handle.ts";
import { runAgent } from "./schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(runAgent, async ({ services, principal, body, request, correlationId }) => {
	const gone = new AbortController();
	const proof = { method: request.method, headers: request.headers };
	const events = await services.agui.run(principal, body, {
		signal: AbortSignal.any([gone.signal, request.signal]),
		reauthenticate: () => services.accounts.authenticate(proof),
		correlationId,
	});
	return eventStream(frames(events), () => gone.abort());
});

async function* frames(events: AsyncIterable<object | null>): AsyncGenerator<string> {
	for await (const event of events) yield event ? `data: ${JSON.stringify(event)}\n\n` : ": nothing new\n\n";
}
