import { closeCodes, lostCode } from "#lib/protocol/index.ts";

/** What the end of a connection meant, by its close code. */
const reasons: Readonly<Record<number, string>> = {
	[closeCodes.normal]: "ended as usual",
	1001: "the page went away",
	1002: "broke the rules of WebSocket",
	1005: "the client left without a code",
	[lostCode]: "lost without a word",
	1007: "sent what is no text",
	[closeCodes.tooBig]: "sent too large a message",
	[closeCodes.internal]: "could not be written to",
	[closeCodes.restart]: "the server stops",
	[closeCodes.tooMany]: "too many connections",
	[closeCodes.authExpired]: "the session ran out",
	[closeCodes.slow]: "read too slowly",
	[closeCodes.noSubscription]: "asked for nothing",
	[closeCodes.rate]: "sent too many messages",
	[closeCodes.protocol]: "spoke another protocol",
};

/** Ends for which a connection is to blame. */
const drops: ReadonlySet<number> = new Set([
	1002,
	1007,
	closeCodes.tooBig,
	closeCodes.internal,
	closeCodes.slow,
	closeCodes.noSubscription,
	closeCodes.rate,
	closeCodes.protocol,
]);

export interface Endings {
	/** Counts an end and answers its code as far as we know it: a client can close with any number. */
	count(code: number): { code: number | "other"; reason: string };
	readonly dropped: number;
	byCode(): Record<string, number>;
}

/** Counts how connections end. */
export function createEndings(): Endings {
	const counts = new Map<number | "other", number>();
	let dropped = 0;
	return {
		count(given) {
			const code = given in reasons ? given : "other";
			counts.set(code, (counts.get(code) ?? 0) + 1);
			if (drops.has(given)) dropped++;
			return { code, reason: reasons[given] ?? "the client left with a code of its own" };
		},
		get dropped() {
			return dropped;
		},
		byCode: () => Object.fromEntries([...counts].map(([code, count]) => [String(code), count])),
	};
}
