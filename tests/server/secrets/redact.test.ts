import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, redactionMark } from "#server/secrets/redact.ts";

/** Pushes the text in chunks that end at the given places. */
function stream(values: string[], text: string, cuts: number[]): string {
	const redactor = createRedactor(values);
	const borders = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
	let out = "";
	let from = 0;
	for (const to of [...borders, text.length]) {
		out += redactor.push(text.slice(from, to));
		from = to;
	}
	return out + redactor.flush();
}

const hide = (text: string, ...values: string[]) => createRedactor(values).redact(text);

describe("a whole text", () => {
	it("hides a value wherever it stands", () => {
		expect(hide("a=hunter22; b=hunter22", "hunter22")).toBe("a=[hidden]; b=[hidden]");
	});

	it("leaves values alone that are ordinary words", () => {
		expect(hide("it is true on 8080", "true", "8080", "")).toBe("it is true on 8080");
	});

	it("hides overlapping values as one", () => {
		expect(hide("xx abcdefghi yy", "abcdef", "defghi")).toBe("xx [hidden] yy");
	});

	it.each([
		["URL encoding", (value: string) => `?key=${encodeURIComponent(value)}&x`],
		["URL encoding in lower case", (value: string) => encodeURIComponent(value).toLowerCase()],
		["base64", (value: string) => Buffer.from(value).toString("base64")],
		["base64url", (value: string) => Buffer.from(value).toString("base64url")],
		["JSON", (value: string) => JSON.stringify({ value })],
	])("hides a value in %s", (_, encode) => {
		const value = 'p&ss/w?rd+"öäü"-long';
		const lower = value.toLowerCase();
		expect(hide(encode(lower), lower)).toContain(redactionMark);
		expect(hide(encode(lower), lower)).not.toContain(encode(lower));
	});

	it("hides a value inside a longer base64 text, whatever stands before it", () => {
		for (const before of ["", "u", "us", "use"]) {
			const header = Buffer.from(`${before}:correct-horse-battery`).toString("base64");
			expect(hide(`Basic ${header}`, "correct-horse-battery")).toContain(redactionMark);
		}
	});

	it("hides each line of a value that has several", () => {
		const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----";
		expect(hide("| MIIEvQIBADANBgkq\n| hkiG9w0BAQEFAASC", key)).toBe("| [hidden]\n| [hidden]");
	});

	it("hides the whole of a value that is longer than a piece", () => {
		const value = Array.from({ length: 600 }, (_, index) => `${index}-`).join("");
		expect(hide(`<${value}>`, value).replaceAll(redactionMark, "")).toBe("<>");
	});

	it.each([
		["https://user:pa55@git.example/x.git", "https://[hidden]@git.example/x.git"],
		["https://oauth2tokenoauth2token1@git.example/x", "https://[hidden]@git.example/x"],
		["token ghp_16C7e42F292c6912E7710c838347Ae178B4a.", "token [hidden]."],
		["github_pat_11ABCDEFG0abcdefghijkl_x", "[hidden]"],
		["OPENAI=sk-proj-abc123def456ghi789", "OPENAI=[hidden]"],
		["AKIAIOSFODNN7EXAMPLE", "[hidden]"],
	])("knows %s by its form", (text, shown) => {
		expect(hide(text)).toBe(shown);
	});

	it.each([
		"http://127.0.0.1:3000/@vite/client",
		"git@github.com:owner/name.git",
		"class sk-circle-fade-dot-container",
		"https://host/a:b@c",
	])("leaves %s alone", (text) => {
		expect(hide(text)).toBe(text);
	});
});

describe("a stream of text", () => {
	it("says at once what cannot be part of a secret, and holds back what may be", () => {
		const redactor = createRedactor(["open sesame"]);
		expect(redactor.push("Installing packages\nsay open ses")).toBe("Installing packages\nsay ");
		expect(redactor.push("ame now\n")).toBe("[hidden] now\n");
		expect(redactor.flush()).toBe("");
	});

	it("shows the same as the whole text, wherever the chunks end", () => {
		const word = fc.constantFrom(
			"abcdef",
			"defabc",
			"abc def",
			"abab abab",
			"a",
			"b",
			" ",
			"\n",
			"ghp_0123456789abcdef",
			"https://u:",
			"p@h/",
			"://",
			"f",
		);
		fc.assert(
			fc.property(fc.array(word, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 12 }), (words, cuts) => {
				const values = ["abcdef", "defabc", "abc def", "abab abab", "ababab"];
				const text = words.join("");
				expect(stream(values, text, cuts)).toBe(hide(text, ...values));
			}),
			{ numRuns: 2000 },
		);
	});

	it("never shows a value, whatever it is", () => {
		fc.assert(
			fc.property(
				fc.string({ minLength: 6, maxLength: 40 }),
				fc.string(),
				fc.string(),
				fc.array(fc.nat(), { maxLength: 8 }),
				(value, before, after, cuts) => {
					fc.pre(value.trim().length >= 6 && !redactionMark.includes(value.trim()));
					const shown = stream([value], `${before}${value}${after}`, cuts);
					expect(shown).toContain(redactionMark);
					expect(shown.replaceAll(redactionMark, "\0")).not.toContain(value.trim());
				},
			),
			{ numRuns: 1000 },
		);
	});

	it("holds back a bounded part of a text without white space, and hides secrets in it all the same", () => {
		const secret = "s3cr3t-s3cr3t";
		const redactor = createRedactor([secret]);
		let out = "";
		let fed = 0;
		let mostHeld = 0;
		for (let round = 0; round < 400; round++) {
			const chunk = `${".".repeat(500)}${secret}`;
			for (const part of [chunk.slice(0, 505), chunk.slice(505)]) {
				fed += part.length;
				out += redactor.push(part);
				mostHeld = Math.max(mostHeld, fed - out.replaceAll(redactionMark, secret).length);
			}
		}
		out += redactor.flush();
		expect(mostHeld).toBeLessThan(20 * 1024);
		expect(out).toBe(`${".".repeat(500)}${redactionMark}`.repeat(400));
	});
});
