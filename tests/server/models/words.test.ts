import { describe, expect, it } from "vitest";
import { z } from "zod";
import { errorCatalogue } from "#lib/errors.ts";
import { failureOf } from "#server/models/failure.ts";
import { faultOf, ModelFault } from "#server/models/fault.ts";
import { parseAnswer } from "#server/models/json-answer.ts";
import { costOf, listPrice } from "#server/models/prices.ts";
import { readRetryAfter } from "#server/models/retry-after.ts";

describe("Retry-After", () => {
	const now = Date.parse("2026-11-26T12:00:00Z");
	it.each([
		[{ "retry-after": "0" }, 0],
		[{ "retry-after": "5" }, 5000],
		[{ "retry-after": "300" }, 300_000],
		[{ "retry-after": "1.5" }, 1500],
		[{ "retry-after": "Thu, 26 Nov 2026 12:05:00 GMT" }, 300_000],
		[{ "retry-after": "Thu, 26 Nov 2020 12:05:00 GMT" }, 0],
		[{ "retry-after-ms": "250", "retry-after": "1" }, 250],
		[{ "retry-after": "soon" }, null],
		[{ "retry-after": "-3" }, null],
		[{ "retry-after": "Thu, the day after" }, null],
		[{ "retry-after": "" }, null],
		[{}, null],
	])("%o is %s ms", (headers, expected) => expect(readRetryAfter(headers, now)).toBe(expected));
});

describe("the given sentences", () => {
	it("are word for word (R206, R207, R208)", () => {
		expect(errorCatalogue.model_not_configured.message).toBe("AI service configuration needed. Please check setup.");
		expect(errorCatalogue.model_auth.message).toBe("AI service configuration needed. Please check setup.");
		expect(errorCatalogue.model_rate_limited.message).toBe("AI service is busy. Retrying in a moment…");
		expect(errorCatalogue.model_connection.message).toBe("Connection lost. Reconnecting automatically…");
	});

	it("say what to do for every error of models, without jargon (R203)", () => {
		const ofModels = Object.entries(errorCatalogue).filter(([code]) => code.startsWith("model_"));
		expect(ofModels.length).toBeGreaterThan(10);
		for (const [, { message, action }] of ofModels) {
			expect(message).toMatch(/^[A-Z].*[.…]$/);
			expect(action).toMatch(/^[A-Z].*\.$/);
			expect(`${message} ${action}`).not.toMatch(/\b(HTTP|API|LLM|JSON|429|401|token|stack|null|undefined|timeout)\b/);
		}
	});
});

describe("a failure for people", () => {
	it("repeats what the provider said without the key, whatever form that has", () => {
		const key = "not-a-known-form-4711";
		const fault = new ModelFault("model_auth", { detail: `401: Incorrect key: ${key}, and sk-proj-abcdefghij0123456789 too` });
		const failure = failureOf(fault, [key]);
		expect(failure.lines).toEqual(["401: Incorrect key: [hidden], and [hidden] too"]);
	});

	it("is our own for whatever is thrown", () => {
		expect(faultOf(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) })).code).toBe(
			"model_connection",
		);
		expect(faultOf({ type: "overloaded_error" }).code).toBe("model_unavailable");
		expect(faultOf("rate_limit_exceeded").code).toBe("model_rate_limited");
		expect(faultOf(undefined).code).toBe("model_unavailable");
	});
});

describe("an answer that has to be JSON", () => {
	const schema = z.object({ name: z.string() });
	it.each([
		['{"name":"a"}'],
		['Sure! Here it is:\n```json\n{"name":"a"}\n```\nEnjoy.'],
		['```\n{"name":"a"}\n```'],
		['I think {"name":"a"} will do.'],
		['First a wrong one ```json\n{"nom":"b"}\n``` then ```json\n{"name":"a"}\n```'],
	])("is found in %j", (text) => expect(parseAnswer(text, schema)).toEqual({ name: "a" }));

	it.each([["no JSON at all"], ['{"name":1}'], ['{"name":'], [""]])("is refused: %j", (text) => {
		expect(() => parseAnswer(text, schema)).toThrow(expect.objectContaining({ code: "model_malformed" }));
	});

	it.each([`\`\`\`json${"\n".repeat(400_000)}`, "```\n".repeat(100_000), "```{".repeat(100_000)])(
		"takes no time to look through, %#",
		(text) => {
			const beganAt = performance.now();
			expect(() => parseAnswer(text, schema)).toThrow(expect.objectContaining({ code: "model_malformed" }));
			expect(performance.now() - beganAt).toBeLessThan(3000);
		},
	);

	it("is refused plainly where it is too long to be one", () => {
		const text = JSON.stringify({ name: "a".repeat(512 * 1024) });
		expect(() => parseAnswer(text, schema)).toThrow(
			expect.objectContaining({ code: "model_malformed", detail: "It is longer than 512 KB." }),
		);
	});
});

describe("prices", () => {
	it("are known under dated names, and unknown is never nothing", () => {
		expect(costOf(listPrice("openai", "gpt-4o-mini-2024-07-18"), { input: 1_000_000, output: 1_000_000 })).toBeCloseTo(0.75);
		expect(listPrice("anthropic", "claude-haiku-4-5-20251001")).toEqual({ input: 1, output: 5 });
		expect(listPrice("openai-compatible", "gpt-4o")).toBeNull();
		expect(listPrice("openai", "gpt-4o-unheard-of")).toBeNull();
		expect(costOf(null, { input: 5, output: 5 })).toBeNull();
	});
});
