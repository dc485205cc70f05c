import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";

const encryption = createEncryption(new Secret("4b1f7c0d9e2a86535f0c1db7a9e86420"));

describe("encryption", () => {
	it("gives back what was sealed", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme" }), (text) => {
				expect(encryption.open("env", "row", encryption.seal("env", "row", text))).toBe(text);
			}),
		);
	});

	it("never seals the same value to the same bytes", () => {
		expect(encryption.seal("env", "row", "value").equals(encryption.seal("env", "row", "value"))).toBe(false);
	});

	it.each([
		["another secret", (sealed: Buffer) => createEncryption(new Secret("x")).open("env", "row", sealed)],
		["another purpose", (sealed: Buffer) => encryption.open("token", "row", sealed)],
		["another row", (sealed: Buffer) => encryption.open("env", "other", sealed)],
		[
			"a changed byte",
			(sealed: Buffer) => encryption.open("env", "row", Buffer.concat([sealed.subarray(0, -1), Buffer.of((sealed.at(-1) ?? 0) ^ 1)])),
		],
		["a cut value", (sealed: Buffer) => encryption.open("env", "row", sealed.subarray(0, 20))],
	])("refuses %s", (_, open) => {
		expect(() => open(encryption.seal("env", "row", "value"))).toThrow(expect.objectContaining({ code: "misconfigured" }));
	});

	it("has a check value that belongs to the secret", () => {
		expect(createEncryption(new Secret("a")).checkValue).toBe(createEncryption(new Secret("a")).checkValue);
		expect(createEncryption(new Secret("a")).checkValue).not.toBe(createEncryption(new Secret("b")).checkValue);
	});
});

describe("a secret", () => {
	it("does not print itself", () => {
		const secret = new Secret("hunter22");
		const printed = [
			`${secret}`,
			JSON.stringify({ secret }),
			inspect({ secret }, { depth: 9, showHidden: true }),
			Object.values(secret).join(),
		];
		for (const text of printed) expect(text).not.toContain("hunter22");
		expect(secret.reveal()).toBe("hunter22");
	});
});
