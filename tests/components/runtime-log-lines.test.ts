import { describe, expect, it } from "vitest";
import { noRuntimeLines, type RuntimeLines, withAnswer } from "#components/projects/runtime-log-lines.ts";

const texts = ({ lines }: RuntimeLines) => lines.map(({ text }) => text);
const first = withAnswer(noRuntimeLines, { log: "one\ntwo\n", cursor: "a.8", reset: false });

describe("the lines of an app's output", () => {
	it("grow by each answer and remember where to go on", () => {
		expect(texts(first)).toEqual(["one", "two"]);
		const second = withAnswer(first, { log: "three\n\nfour\n", cursor: "a.20", reset: false });
		expect(texts(second)).toEqual(["one", "two", "three", "", "four"]);
		expect(second.cursor).toBe("a.20");
		expect(withAnswer(second, { log: "", cursor: "a.20", reset: false }).lines).toBe(second.lines);
	});

	it("begin anew where the log was begun anew, under new numbers", () => {
		const anew = withAnswer(first, { log: "hello\n", cursor: "b.6", reset: true });
		expect(texts(anew)).toEqual(["hello"]);
		expect(anew.lines[0]?.n).toBe(3);
		expect(texts(withAnswer(first, { log: "", cursor: "b.0", reset: true }))).toEqual([]);
	});

	it("are no more than the limit, the newest ones, and say that they were cut", () => {
		const cut = withAnswer(first, { log: "three\nfour\n", cursor: "a.20", reset: false }, 3);
		expect(texts(cut)).toEqual(["two", "three", "four"]);
		expect([first.cut, cut.cut]).toEqual([false, true]);
		expect(withAnswer(cut, { log: "x\n", cursor: "b.2", reset: true }, 3).cut).toBe(false);
	});
});
