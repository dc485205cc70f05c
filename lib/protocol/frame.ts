import { z } from "zod";
import { activitySchema } from "./activity.ts";
import { looseEventSchema, type StreamEvent } from "./event.ts";
import { maxSubscriptions } from "./limits.ts";

/** Where a reader stands in a stream: it has applied everything up to and including `after` of `epoch`. */
export const cursorSchema = z.object({
	stream: z.string().min(1).max(200),
	epoch: z.string().max(64).nullish(),
	after: z.number().int().min(0).default(0),
	/** Everything up to here that asks for it was seen by a person. As the frame `ack`, for those who only have requests. */
	ack: z.number().int().min(0).optional(),
});
export type Cursor = z.infer<typeof cursorSchema>;

/** Answer of the one server primitive `read(stream, epoch, after, limit)`. */
export interface ReadResult {
	epoch: string;
	/** First seq that is still stored. */
	min: number;
	/** Last seq that was ever written; 0 for an empty stream. */
	head: number;
	closed: boolean;
	events: StreamEvent[];
	/** Set when the reader's cursor does not belong to this log: discard, take the snapshot, go on from it. */
	reset?: ResetReason;
}
export const resetReasons = ["epoch", "truncated", "ahead"] as const;
export type ResetReason = (typeof resetReasons)[number];

/** Envelopes are checked, types are not: a client passes over those it does not know yet. */
const eventsSchema = z.array(looseEventSchema) as unknown as z.ZodType<StreamEvent[]>;

const headsSchema = z.record(z.string(), z.number().int());

export const serverFrameSchema = z.discriminatedUnion("t", [
	/** `hb`: milliseconds between heartbeats at most, while nothing is active. `auth_exp`: when the session must be proven again. */
	z.object({ t: z.literal("hello"), v: z.number(), conn: z.string(), boot: z.string(), hb: z.number(), auth_exp: z.string().nullable() }),
	z.object({
		t: z.literal("sub"),
		id: z.number().int().nullable(),
		stream: z.string(),
		epoch: z.string(),
		head: z.number().int(),
		min: z.number().int(),
		closed: z.boolean(),
		/** Events go on after this seq: what the reader asked for, or where the server puts it with `snap` or `reset`. */
		after: z.number().int(),
		reset: z.enum(resetReasons).optional(),
		/** The stream's fold at `seq`, where the stream has one and the reader starts anew (no epoch and `after` 0) or is reset. */
		snap: z.object({ seq: z.number().int(), state: z.unknown() }).optional(),
		/** To who starts anew: the seq up to which this person has acknowledged the stream, on whatever page; 0 for nothing. */
		seen: z.number().int().optional(),
		/** And the newest events up to `after` that ask for it and were not acknowledged, oldest first: those after it come by `ev`. */
		unseen: eventsSchema.optional(),
	}),
	z.object({
		t: z.literal("ev"),
		stream: z.string(),
		epoch: z.string(),
		from: z.number().int(),
		to: z.number().int(),
		e: eventsSchema,
	}),
	/** Everything up to `head` was sent: what follows is live. */
	z.object({ t: z.literal("live"), stream: z.string(), head: z.number().int() }),
	z.object({ t: z.literal("hb"), n: z.number().int(), heads: headsSchema, activity: z.array(activitySchema) }),
	z.object({ t: z.literal("pong"), n: z.number().int() }),
	/** The stream is closed and was sent to its end. */
	z.object({ t: z.literal("end"), stream: z.string(), seq: z.number().int() }),
	z.object({ t: z.literal("err"), id: z.number().int().nullable(), stream: z.string().nullable(), code: z.string() }),
	/** The server ends the connection; come back after a random time in this window, in milliseconds. */
	z.object({ t: z.literal("bye"), code: z.number().int(), after: z.tuple([z.number(), z.number()]) }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** How many events of types that the client does not know it has passed over since it last said so. */
const unknownSchema = z.number().int().min(0).max(1_000_000).optional();

export const clientFrameSchema = z.discriminatedUnion("t", [
	z.object({ t: z.literal("sub"), id: z.number().int().min(0), ...cursorSchema.shape }),
	z.object({ t: z.literal("unsub"), stream: z.string().max(200) }),
	z.object({ t: z.literal("ack"), stream: z.string().max(200), seq: z.number().int().min(0) }),
	z.object({ t: z.literal("ping"), n: z.number().int().min(0), unknown: unknownSchema }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** Body of `POST /live/sse` and `POST /live/poll`. */
export const liveRequestSchema = z.object({
	subs: z.array(cursorSchema).min(1).max(maxSubscriptions),
	/** Poll only: seconds to hold the answer while there is nothing new. */
	wait: z.number().min(0).max(20).default(0),
	unknown: unknownSchema,
});
export type LiveRequest = z.infer<typeof liveRequestSchema>;
