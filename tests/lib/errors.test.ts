import { expect, it } from "vitest";
import { errorCatalogue, errorCodes } from "#lib/errors.ts";

/** Words of builders that say nothing to who uses what they built. */
const jargon =
	/\b(?:backend|frontend|websockets?|stack ?trace|null|undefined|exception|socket|payload|endpoint|server error|internal error|invalid input|HTTP|SQL|\d{3})\b|oops|!/i;

it.each(errorCodes)("%s says what happened and what to do, each as a sentence, without jargon (R212, R213)", (code) => {
	const { message, action, status } = errorCatalogue[code];
	for (const sentence of [message, action]) {
		expect(sentence).toMatch(/^[A-Za-z“].{9,}[.…]$/);
		expect(sentence).not.toMatch(jargon);
	}
	expect(action).not.toBe(message);
	expect(status).toBeGreaterThanOrEqual(400);
});
