import { closeCodes } from "../../protocol/index.ts";
import type { TransportKind } from "../transports/transport.ts";

/** Why a transport does not work. Only what was seen: what it may come from is said apart from it. */
export type Fault =
	/** The browser did not even try. */
	| { kind: "blocked" }
	/** A WebSocket ended before it was open, or a request without an answer. Browsers do not say why. */
	| { kind: "cut"; afterMs: number }
	/** An HTTP answer other than 200; `code` is Quayside's own, null when somebody else answered. */
	| { kind: "refused"; status: number; code: string | null }
	| { kind: "no_answer"; afterMs: number }
	/** It was opened, and then nothing came. */
	| { kind: "silent"; afterMs: number }
	/** Headers came, and frames did not, or only in a heap. */
	| { kind: "held_back"; inBursts: boolean; encoding: string | null }
	/** It worked and was ended. */
	| { kind: "closed"; code: number | null; afterMs: number }
	/** What came is not from Quayside: the page of a proxy or of a login portal, for instance. */
	| { kind: "foreign"; contentType: string }
	| { kind: "slow"; roundTripMs: number };

/** A fault in words: what was seen, and what that usually comes from. */
export interface Explanation {
	title: string;
	text: string;
}

/** What was seen, for people. */
export function explainFault(kind: TransportKind, fault: Fault): Explanation {
	switch (fault.kind) {
		case "blocked":
			return {
				title: "Blocked in the browser",
				text: "The browser did not open it. An extension, a privacy setting or a rule of your organisation forbids it.",
			};
		case "cut":
			return {
				title: kind === "ws" ? `Refused after ${fault.afterMs} ms` : `Cut off after ${fault.afterMs} ms, without an answer`,
				text:
					kind === "ws"
						? "It ended before it was open. A browser does not say why: usually a proxy does not pass the upgrade on, or a firewall or an extension blocks it."
						: "The request ended without an answer: the network is away, or something between, or an extension of the browser, cuts it.",
			};
		case "refused":
			return explainRefusal(fault.status, fault.code);
		case "no_answer":
			return {
				title: `No answer within ${seconds(fault.afterMs)}`,
				text: "The request was sent and nothing came back, not even a refusal. Something in between holds it, or waits for the answer to be complete.",
			};
		case "silent":
			return {
				title: `Silent for ${seconds(fault.afterMs)} after it was opened`,
				text: "It was opened and then nothing came through: something in between accepts the connection without passing on what is said.",
			};
		case "held_back":
			return {
				title: fault.inBursts ? "Held back and delivered in heaps" : "Held back by something in between",
				text: `${
					fault.inBursts
						? "Messages that were sent a second apart arrived together"
						: "The answer began, and the messages that belong to it did not arrive"
				}: a proxy or a virus scanner buffers the answer.${fault.encoding ? ` It also compresses it (${fault.encoding}), which Quayside does not.` : ""}`,
			};
		case "closed":
			return explainEnd(fault.code, fault.afterMs);
		case "foreign":
			return {
				title: "Somebody else answered",
				text: `The answer is not Quayside's (${fault.contentType || "of no stated type"}). A proxy or the login page of a network answers in its place.`,
			};
		case "slow":
			return {
				title: `Too slow: ${seconds(fault.roundTripMs)} for one round trip`,
				text: "It works, but every message takes too long. The network between is overloaded or far.",
			};
	}
}

function explainRefusal(status: number, code: string | null): Explanation {
	if (code === "foreign_origin") {
		return {
			title: "This address is not known to the server",
			text: "Quayside refuses pages from an address it was not told about.",
		};
	}
	if (status === 401) return { title: "You are not logged in", text: "The session ran out. Log in and test again." };
	if (code === "rate_limited")
		return { title: "Too many connections", text: "Quayside has too many connections of yours open, or too fast in a row. Wait a moment." };
	if (code === "shutting_down") return { title: "The server is restarting", text: "Wait a moment and test again." };
	return {
		title: `Refused with status ${status}`,
		text: code
			? "Quayside itself refused it. Its log says why."
			: "The refusal is not in Quayside's words: a proxy or firewall in between gave it, or the server behind it is away.",
	};
}

function explainEnd(code: number | null, afterMs: number): Explanation {
	if (code === closeCodes.tooMany) return { title: "Too many connections", text: "The server has no room for another one. Wait a moment." };
	if (code === closeCodes.restart) return { title: "The server is restarting", text: "Wait a moment and test again." };
	if (code === closeCodes.unauthenticated || code === closeCodes.authExpired)
		return { title: "You are not logged in", text: "The session ran out. Log in and test again." };
	return {
		title: `Closed after ${afterMs < 1000 ? `${afterMs} ms` : seconds(afterMs)}`,
		text: "It worked and was then ended from outside: a time-out or a limit of something in between.",
	};
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0).replace(/\.0$/, "")} s`;
}
