import { describe, expect, it } from "vitest";
import { forget, keep, readKept, type Submission } from "#components/composer/kept-submissions.ts";

function memory(content: Record<string, string> = {}) {
	const values = new Map(Object.entries(content));
	return {
		values,
		getItem: (name: string) => values.get(name) ?? null,
		setItem: (name: string, value: string) => void values.set(name, value),
		removeItem: (name: string) => void values.delete(name),
	};
}

const submission = (key: string, at = 1000): Submission => ({
	key,
	url: "https://host/a/b.git",
	ref: "",
	directory: "",
	hadToken: true,
	at,
});

describe("kept submissions", () => {
	it("keeps a submission under its key, once", () => {
		const store = memory();
		keep(store, submission("a"), 1000);
		keep(store, { ...submission("a"), ref: "main" }, 1000);
		expect(readKept(store, 1000)).toEqual([{ ...submission("a"), ref: "main" }]);
	});

	it("never writes a token, even if a caller hands one in", () => {
		const store = memory();
		keep(store, { ...submission("a"), token: "ghp_secret" } as Submission, 1000);
		expect([...store.values.values()].join()).not.toContain("ghp_secret");
	});

	it("keeps the five newest and forgets old ones", () => {
		const store = memory();
		for (let index = 0; index < 8; index++) keep(store, submission(`k${index}`, 1000 + index), 2000);
		expect(readKept(store, 2000).map(({ key }) => key)).toEqual(["k3", "k4", "k5", "k6", "k7"]);
		expect(readKept(store, 2000 + 24 * 60 * 60 * 1000)).toEqual([]);
	});

	it("forgets one by its key and leaves nothing behind after the last", () => {
		const store = memory();
		keep(store, submission("a"), 1000);
		forget(store, "a", 1000);
		expect(store.values.size).toBe(0);
	});

	it("ignores what it did not write", () => {
		expect(readKept(memory({ "quayside.submissions": "{broken" }), 0)).toEqual([]);
		expect(readKept(memory({ "quayside.submissions": '[{"key":1}]' }), 0)).toEqual([]);
	});

	it("says when the browser stores nothing", () => {
		const full = {
			...memory(),
			setItem: () => {
				throw new DOMException("full", "QuotaExceededError");
			},
		};
		expect(keep(full, submission("a"), 1000)).toBe(false);
	});
});
