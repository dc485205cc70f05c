import type { RunAgentInput } from "@ag-ui/core";
import { RunAgentInputSchema } from "@ag-ui/core/schemas";
import { z } from "zod";
import { operation } from "../operation.ts";

const name = z.string().min(1).max(200);

/** What is used of a run, with its bounds; AG-UI's own schema then reads the whole of it. */
const bounded = z.looseObject({
	threadId: name.describe("Id of a deployment, or a name of the client's own for a new one."),
	runId: name,
	messages: z.array(z.looseObject({ id: name, role: name })).max(2000),
	resume: z
		.array(z.looseObject({ interruptId: name, status: z.enum(["resolved", "cancelled"]) }))
		.max(100)
		.optional(),
	forwardedProps: z.unknown().describe("{deployment}: the body of POST /api/deployments, for a new thread.").optional(),
});
const runInput = bounded.pipe(RunAgentInputSchema as z.ZodType<RunAgentInput, z.output<typeof bounded>>);

export const runAgent = operation({
	method: "POST",
	path: "/api/agui",
	summary: "Run a deployment as an AG-UI thread: start it, attach to it, answer what it waits for",
	access: "login",
	body: runInput,
	answer: {
		status: 200,
		description: "AG-UI 1.0 events; the last one is RUN_FINISHED or RUN_ERROR.",
		mediaType: "text/event-stream",
	},
});
