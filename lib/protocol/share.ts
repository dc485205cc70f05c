import { z } from "zod";
import type { StreamEvent } from "./event.ts";
import { maxStoryEvents } from "./limits.ts";

/** Links under which somebody without a login sees how one finished deployment went. */

export const createShareSchema = z.strictObject({ expiresInDays: z.number().int().min(1).max(90).default(7) });
export type CreateShare = z.infer<typeof createShareSchema>;

export interface ShareView {
	id: string;
	createdAt: string;
	expiresAt: string;
	lastOpenedAt: string | null;
}

export const shareTokenSchema = z.string().regex(/^qsh_[\w-]{43}$/);

export const storyQuerySchema = z.object({
	/** Only events after this seq. */
	after: z.coerce.number().int().min(0).default(0),
	limit: z.coerce.number().int().min(1).max(maxStoryEvents).default(maxStoryEvents),
});
export type StoryQuery = z.infer<typeof storyQuerySchema>;

/** What happened besides the log, oldest first, as strangers may see it. */
export interface StoryPage {
	events: StreamEvent[];
	/** Where the next page goes on (`after`); null where there is none. */
	next: number | null;
}

/** The log at a moment: its newest line by then, and when that was stored. */
export interface LogMark {
	line: number;
	at: string;
}
