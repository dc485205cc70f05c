/** What a person wants deployed, as it is kept while the server cannot be reached. Never holds the access token. */
export interface Submission {
	/** Idempotency key: however often it is sent, it is one deployment. */
	key: string;
	url: string;
	ref: string;
	directory: string;
	/** What is wanted, in words, where it is no repository. */
	brief?: string;
	/** A token was given and is not kept, so it has to be typed again. */
	hadToken: boolean;
	/** Time of the click. */
	at: number;
}

const storageKey = "quayside.submissions";
const maxKept = 5;
const maxAgeMs = 24 * 60 * 60 * 1000;

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The kept submissions that are not too old, oldest first. Whatever else was stored there is ignored. */
export function readKept(store: Store, nowMs: number): Submission[] {
	try {
		const kept: unknown = JSON.parse(store.getItem(storageKey) ?? "[]");
		return Array.isArray(kept) ? kept.filter(isSubmission).filter(({ at }) => nowMs - at < maxAgeMs) : [];
	} catch {
		return [];
	}
}

/** Keeps one more; the oldest give way. Answers false where the browser stores nothing. */
export function keep(store: Store, { key, url, ref, directory, brief, hadToken, at }: Submission, nowMs: number): boolean {
	const others = readKept(store, nowMs).filter((kept) => kept.key !== key);
	const kept = { key, url, ref, directory, ...(brief !== undefined && { brief }), hadToken, at };
	return write(store, [...others, kept].slice(-maxKept));
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

function isSubmission(value: unknown): value is Submission {
	if (typeof value !== "object" || value === null) return false;
	const { key, url, ref, directory, brief, hadToken, at } = value as Record<string, unknown>;
	const texts = [key, url, ref, directory, ...(brief === undefined ? [] : [brief])];
	return texts.every((text) => typeof text === "string") && typeof hadToken === "boolean" && typeof at === "number";
}
