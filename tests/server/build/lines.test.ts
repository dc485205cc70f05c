import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ImportantLines } from "#server/build/lines.ts";
import { sentenceFrom, shareFrom } from "#server/build/sentences.ts";

function pick(...chunks: string[]): string[] {
	const lines = new ImportantLines();
	for (const chunk of chunks) lines.add(chunk);
	return lines.pick();
}

const chatter = (count: number) => Array.from({ length: count }, (_, n) => `step ${n}\n`).join("");

describe("the lines that matter", () => {
	test("an error far from the end, with what follows it", () => {
		const lines = pick(chatter(500), "src/app.ts(4,9): error TS2304: Cannot find name 'x'.\n  4 x();\n    ~\n", chatter(500));
		expect(lines.slice(0, 3)).toEqual(["src/app.ts(4,9): error TS2304: Cannot find name 'x'.", "  4 x();", "    ~"]);
		expect(lines).toHaveLength(5);
	});

	test("the end, where nothing looks like an error", () => {
		expect(pick(chatter(100))).toEqual(["step 95", "step 96", "step 97", "step 98", "step 99"]);
	});

	test("no colours, no empty lines, no pointers to files nobody can open", () => {
		expect(
			pick(
				"\u001b[31merror\u001b[0m: broken\n\n   \nnpm error\nnpm error A complete log of this run can be found in: /home/app/.npm/_logs/x.log\n",
			),
		).toEqual(["error: broken"]);
	});

	test("a success that names errors is none", () => {
		expect(pick("0 errors, 0 warnings\n", chatter(10))).not.toContain("0 errors, 0 warnings");
	});

	test("pieces are put together", () => {
		expect(pick("err", "or: o", "ne\r\nerror: tw", "o")).toEqual(["error: one", "error: two"]);
	});

	test("whatever comes: at most 15 lines of bounded length, each of them printed, in order", () => {
		fc.assert(
			fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 400 }), fc.boolean(), (printed, errors) => {
				const numbered = printed.map((text, n) => `${n} ${errors && n % 7 === 0 ? "error " : ""}${text}`);
				const lines = pick(`${numbered.join("\n")}\n`);
				expect(lines.length).toBeLessThanOrEqual(15);
				expect(lines.length).toBeGreaterThanOrEqual(Math.min(5, lines.length === 0 ? 0 : Math.min(printed.length, 5)));
				const order = lines.map((line) => Number.parseInt(line, 10));
				expect(order).toEqual(order.toSorted((a, b) => a - b));
			}),
			{ numRuns: 100 },
		);
	});

	test("a line that never ends is cut", () => {
		const lines = pick("x".repeat(1_000_000), "\nend\n");
		expect(lines.every((line) => line.length <= 1000)).toBe(true);
		expect(lines.at(-1)).toBe("end");
	});
});

test.each([
	["\u001b[32m\nadded 214 packages in 3s\n", "npm added 214 packages"],
	["✓ 34 modules transformed.\n", "Vite transformed 34 modules"],
	["✓ built in 1.02s\n", "The bundle was built in 1.02s"],
	["hello\n", null],
])("%j is worth %j", (output, sentence) => {
	expect(sentenceFrom(output)).toBe(sentence);
});

test.each([
	["Generating static pages (3/10)\n Generating static pages (5/10)", 0.5],
	["Progress: resolved 200, reused 0, downloaded 50, added 50", 0.25],
	["[2/4] Fetching packages...", 0.5],
	["Compiled successfully in 3s", null],
])("%j is this far: %j", (output, share) => {
	expect(shareFrom(output)).toBe(share);
});
