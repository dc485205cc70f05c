import { expect, it } from "vitest";
import { quietMs, statusMeaning, statusText } from "#components/live/status-words.ts";
import { errorCatalogue } from "#lib/errors.ts";
import { failureOf } from "#lib/live/failure.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import { closeCodes, lostCode } from "#lib/protocol/index.ts";

const retrying = "Connection lost. Retrying…";
const cannot = "Can't reach the server.";

/** Close code, what the catalogue says of it, and what the indicator says while the page is without its connection. */
const table: [keyof typeof closeCodes | "lost", string | null, string][] = [
	["lost", null, retrying],
	["normal", null, retrying],
	["slow", null, retrying],
	["internal", "Something went wrong inside Quayside.", retrying],
	["restart", "Quayside is restarting.", retrying],
	["tooBig", "The request is too large.", retrying],
	["tooMany", "Too many requests in a short time.", "Too many connections. Retrying…"],
	["rate", "Too many requests in a short time.", retrying],
	["authExpired", "You are not logged in.", retrying],
	["noSubscription", "The request could not be understood.", retrying],
	["unauthenticated", "You are not logged in.", "You are not logged in."],
	["forbidden", "You are not allowed to do this.", cannot],
	["unknown", "There is nothing here that you can see.", cannot],
	["protocol", "The request could not be understood.", cannot],
];

it("has a row for every code", () => {
	expect(table.map(([name]) => name).toSorted()).toEqual(["lost", ...Object.keys(closeCodes)].toSorted());
});

it.each(table)("a connection that ends as %s is said as %j, and the page says %j (R204)", (name, sentence, said) => {
	const { error, retry } = failureOf(name === "lost" ? lostCode : closeCodes[name]);
	expect(error && errorCatalogue[error].message).toBe(sentence);
	const base = { transport: null, reason: null, rttMs: null, lastFrameAt: null, retryAt: null, crowded: name === "tooMany" };
	const status: ConnectionStatus =
		retry === "never" ? { ...base, kind: "unreachable", refused: error } : { ...base, kind: "lost", refused: null };
	expect(statusText(status, 0)).toBe(said);
	expect(statusMeaning(status)).toMatch(/^[A-Z].*\.$/);
	expect(statusMeaning(status)).not.toMatch(/websocket|socket|code|close|HTTP|\d/i);
});

it("says when it tries again, once the server has not answered for a while", () => {
	const status: ConnectionStatus = {
		kind: "unreachable",
		transport: null,
		reason: null,
		rttMs: null,
		lastFrameAt: null,
		retryAt: 5000,
		refused: null,
		crowded: false,
	};
	expect(statusText(status, 1000)).toBe("Can't reach the server. Retrying in 4 s");
});

it("says whatever lasts a second (R123)", () => {
	expect(Math.max(...Object.values(quietMs))).toBeLessThan(1000);
});
