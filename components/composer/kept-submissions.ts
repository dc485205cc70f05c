import { z } from "zod";

/** What a person wants deployed, as it is kept while the server cannot be reached. Never holds the access token. */
const submissionSchema = z.object({
	/** Idempotency key: however often it is sent, it is one deployment. */
	key: z.string(),
	url: z.string().max(2000),
	ref: z.string().max(250),
	directory: z.string().max(500),
	/** A token was given and is not kept, so it has to be typed again. */
	hadToken: z.boolean(),
	at: z.number(),
});
export type Submission = z.infer<typeof submissionSchema>;

const storageKey = "quayside.submissions";
const maxKept = 5;
const maxAgeMs = 24 * 60 * 60 * 1000;

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The kept submissions that are not too old, oldest first. Whatever else was stored there is ignored. */
export function readKept(store: Store, nowMs: number): Submission[] {
	try {
		const kept = z.array(submissionSchema).safeParse(JSON.parse(store.getItem(storageKey) ?? "[]"));
		return kept.success ? kept.data.filter(({ at }) => nowMs - at < maxAgeMs) : [];
	} catch {
		return [];
	}
}

/** Keeps one more; the oldest give way. Answers false where the browser stores nothing. */
export function keep(store: Store, submission: Submission, nowMs: number): boolean {
	const others = readKept(store, nowMs).filter(({ key }) => key !== submission.key);
	return write(store, [...others, submissionSchema.parse(submission)].slice(-maxKept));
}

export function forget(store: Store, key: string, nowMs: number): void {
	write(
		store,
		readKept(store, nowMs).filter((kept) => kept.key !== key),
	);
}

function write(store: Store, kept: Submission[]): boolean {
	try {
		if (kept.length === 0) store.removeItem(storageKey);
		else store.setItem(storageKey, JSON.stringify(kept));
		return true;
	} catch {
		return false;
	}
}
