import { z } from "zod";
import { stageSchema } from "./enums.ts";
import { logLineSchema, type StreamEvent } from "./event.ts";
import { maxLogPageLines, maxReadEvents } from "./limits.ts";

/** Pages of a deployment's past, newest first: its log by line number, everything else by seq. */

/** A line of a deployment's log and the stage that printed it. */
export const logEntrySchema = logLineSchema.extend({ stage: stageSchema.nullable() });
export type LogEntry = z.infer<typeof logEntrySchema>;

export const logLinesQuerySchema = z.object({
	/** Number of a line: only lines before it. Without it, the newest. */
	before: z.coerce.number().int().min(1).optional(),
	limit: z.coerce.number().int().min(1).max(maxLogPageLines).default(1000),
});
export type LogLinesQuery = z.infer<typeof logLinesQuerySchema>;

export interface LogPage {
	/** Numbers of the oldest and of the newest line that is stored; both 0 while there is none. */
	first: number;
	last: number;
	/** Oldest first, none left out, up to the one before `before`. Fewer than asked for where lines are long. */
	lines: LogEntry[];
}

export const timelineQuerySchema = z.object({
	/** A seq: only events before it. Without it, the newest. */
	before: z.coerce.number().int().min(1).optional(),
	limit: z.coerce.number().int().min(1).max(maxReadEvents).default(maxReadEvents),
});
export type TimelineQuery = z.infer<typeof timelineQuerySchema>;

export interface Timeline {
	/** What was recorded besides the log, oldest first. */
	events: StreamEvent[];
	/** True when there are older ones. */
	more: boolean;
}
