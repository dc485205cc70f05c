import { z } from "zod";
import { agentSchema, stageSchema } from "./enums.ts";

/**
 * What an active deployment is doing at this very moment. It travels in heartbeats and poll answers and is never
 * stored: liveness is not history.
 */
export const activitySchema = z.object({
	deployment_id: z.string(),
	stage: stageSchema.nullable(),
	agent_name: agentSchema.nullable(),
	/** What is awaited, as a sentence fragment: "npm to install 214 packages". */
	awaiting: z.string(),
	/** ISO time at which waiting for it began. */
	since: z.string(),
	/** ISO time of the last output line of the stage, or null if there was none yet. */
	last_output_at: z.string().nullable(),
	/** Deployments that run before this one while it is queued; null once it runs. */
	ahead: z.number().int().min(0).nullable(),
	/** ISO time of this observation. */
	at: z.string(),
});
export type Activity = z.infer<typeof activitySchema>;
