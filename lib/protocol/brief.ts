import { z } from "zod";

/** What somebody wants made, in words, as it is sent. What may be in it is decided by `checkBrief`, which says why not. */
export const briefSourceSchema = z.strictObject({ type: z.literal("brief"), text: z.string().max(200_000) });
export const messageSchema = z.strictObject({ text: z.string().max(200_000) });

/** What a product is made from: what was wanted first, and what was asked for since, oldest first. */
export const briefSchema = z.object({
	text: z.string(),
	messages: z.array(z.string()),
	/** The deployment that was followed up, and with which words. */
	follow_up: z.object({ of: z.string(), number: z.number().int().min(1), message: z.string() }).optional(),
});
export type Brief = z.infer<typeof briefSchema>;

/** What was understood of a brief; what the later stages work from. */
export const understandingSchema = z.object({
	/** "landing page" */
	kind: z.string().max(60),
	name: z.string().max(80),
	/** BCP 47 */
	language: z.string().max(35),
	/** Headings of its parts, in order. */
	sections: z.array(z.string().max(120)).max(20),
	/** What people should know about how it was understood, a sentence each. */
	notes: z.array(z.string().max(400)).max(12),
});
export type Understanding = z.infer<typeof understandingSchema>;
