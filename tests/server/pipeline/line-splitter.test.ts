import fc from "fast-check";
import { expect, it } from "vitest";
import { LineSplitter } from "#server/pipeline/line-splitter.ts";

function linesOf(pieces: string[]): string[] {
	const splitter = new LineSplitter();
	const lines = pieces.flatMap((piece) => splitter.push(piece));
	const rest = splitter.end();
	return rest === null ? lines : [...lines, rest];
}

it("gives the same lines however the text is cut into pieces", () => {
	fc.assert(
		fc.property(fc.array(fc.stringMatching(/^[a-z \n\t]{0,12}$/)), (pieces) => {
			const whole = pieces.join("").split("\n");
			if (whole.at(-1) === "") whole.pop();
			expect(linesOf(pieces)).toEqual(whole);
		}),
	);
});

it("takes carriage returns off the ends of lines and keeps those within", () => {
	expect(linesOf(["10 %\r20 %\r\ndone\r\n"])).toEqual(["10 %\r20 %", "done"]);
});

it("cuts a line of 50 MB, says by how much, and keeps little of it", () => {
	const splitter = new LineSplitter();
	const piece = "x".repeat(1_000_000);
	for (let n = 0; n < 50; n++) expect(splitter.push(piece)).toEqual([]);
	const [line = ""] = splitter.push("\n");
	expect(line).toBe(`${"x".repeat(4096)} … [49995904 more characters]`);
	expect(splitter.push("next\n")).toEqual(["next"]);
});

it("leaves nothing that the database refuses", () => {
	expect(linesOf(["a\0b\ud800c\n"])).toEqual(["ab\ufffdc"]);
});
