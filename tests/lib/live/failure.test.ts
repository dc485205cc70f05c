import { expect, test } from "vitest";
import { codeOfStatus, failureOf } from "#lib/live/failure.ts";
import { closeCodes, isTerminalClose } from "#lib/protocol/index.ts";

test.each([
	[1001, "server", "shutting_down", "told"],
	[1006, "network", null, "backoff"],
	[1008, "protocol", "bad_request", "backoff"],
	[1009, "protocol", "too_large", "backoff"],
	[1011, "server", "internal", "backoff"],
	[1012, "server", "shutting_down", "told"],
	[1013, "rate_limit", "rate_limited", "told"],
	[1015, "network", null, "backoff"],
	[4001, "auth", "unauthenticated", "backoff"],
	[4008, "network", null, "backoff"],
	[4009, "protocol", "bad_request", "backoff"],
	[4029, "rate_limit", "rate_limited", "told"],
	[4501, "auth", "unauthenticated", "never"],
	[4503, "auth", "forbidden", "never"],
	[4504, "protocol", "not_found", "never"],
	[4505, "protocol", "bad_request", "never"],
] as const)("close code %i: %s, said as %s, come back: %s (R111)", (code, kind, error, retry) => {
	expect(failureOf(code)).toEqual({ class: kind, error, retry });
});

test.each([
	[400, "protocol", "never"],
	[401, "auth", "never"],
	[403, "auth", "never"],
	[429, "rate_limit", "told"],
	[500, "server", "backoff"],
	[502, "network", "backoff"],
	[503, "server", "told"],
	[504, "network", "backoff"],
	[404, "network", "backoff"],
] as const)("HTTP %i: %s, come back: %s (R111)", (status, kind, retry) => {
	expect(failureOf(codeOfStatus(status))).toMatchObject({ class: kind, retry });
});

test("the table and the rule of the protocol agree on what is final", () => {
	for (const code of Object.values(closeCodes)) expect(failureOf(code).retry === "never").toBe(isTerminalClose(code));
});
