import { expect, it } from "vitest";
import { createHeldRequests } from "#server/http/held-requests.ts";

it("a person holds so many requests at a time, and each counts until it is let go or its client has gone", () => {
	const hold = createHeldRequests(2);
	const refused = expect.objectContaining({ code: "rate_limited" });
	const stays = new AbortController().signal;
	const client = new AbortController();
	const release = hold("ada", stays);
	hold("ada", client.signal);
	expect(() => hold("ada", stays)).toThrow(refused);
	hold("bob", stays);

	client.abort();
	release();
	release();
	hold("ada", AbortSignal.abort());
	hold("ada", stays);
	hold("ada", stays);
	release();
	expect(() => hold("ada", stays)).toThrow(refused);
});
