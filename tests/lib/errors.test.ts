import { expect, it } from "vitest";
import { z } from "zod";
import { AppError, errorCatalogue, errorCodes, isAppError, toPublicError } from "#lib/errors.ts";
import { jargon, statusCode } from "#tests/support/jargon.ts";

it.each(errorCodes)("%s says what happened and what to do, each as a sentence, without jargon (R212, R213)", (code) => {
	const { message, action, status } = errorCatalogue[code];
	for (const sentence of [message, action]) {
		expect(sentence).toMatch(/^[A-Za-z“].{9,}[.…]$/);
		expect(sentence).not.toMatch(jargon);
		expect(sentence).not.toMatch(statusCode);
	}
	expect(action).not.toBe(message);
	expect(status).toBeGreaterThanOrEqual(400);
});

it.each(errorCodes)("%s is shown with its own sentences, or more specific ones, under a reference (R209)", (code) => {
	const { message, action, status } = errorCatalogue[code];
	const plain = new AppError(code, { detail: "for the log", cause: new Error("the reason") });
	expect(plain.status).toBe(status);
	expect(toPublicError(plain, "ref-1")).toEqual({ code, message, action, reference: "ref-1" });
	const specific = new AppError(code, { message: "It is the second line.", action: "Correct it." });
	expect(toPublicError(specific, "ref-2")).toEqual({ code, message: "It is the second line.", action: "Correct it.", reference: "ref-2" });
});

it("is recognised when another copy of this module made it", async () => {
	const { AppError: Foreign } = (await import("#lib/errors.ts?copy" as "#lib/errors.ts")) as typeof import("#lib/errors.ts");
	const foreign = new Foreign("not_found");
	expect(isAppError(foreign)).toBe(true);
	expect(toPublicError(foreign, "r").code).toBe("not_found");
});

const circular: Record<string, unknown> = { secret: "hunter2" };
circular.self = circular;

it.each<[string, unknown]>([
	["an error", new Error("hunter2")],
	["an error of the language", new TypeError("hunter2 is not a function", { cause: new Error("hunter2") })],
	["an error of a driver", Object.assign(new Error("hunter2"), { code: "28P01", client: { password: "hunter2" } })],
	["an error of a schema", new z.ZodError([{ code: "custom", path: ["hunter2"], message: "hunter2", input: "hunter2" }])],
	["an abort", new DOMException("hunter2", "AbortError")],
	["several", new AggregateError([new Error("hunter2")], "hunter2")],
	["something like one of ours", { code: "not_found", message: "hunter2", action: "hunter2" }],
	["one with an unknown code", Object.assign(new Error("hunter2"), { code: "hunter2" })],
	["text", "hunter2"],
	["a number", 4711],
	["nothing", undefined],
	["null", null],
	["what refers to itself", circular],
])("%s nobody knows is shown as our fault, with a reference and none of its own words (R209)", (_, thrown) => {
	const shown = toPublicError(thrown, "ref-1");
	expect(shown).toEqual({
		code: "internal",
		message: "Something went wrong inside Quayside.",
		action: "Try again. If it happens again, report it with the reference.",
		reference: "ref-1",
	});
	expect(JSON.stringify(shown)).not.toContain("hunter2");
});
