import { describe, expect, test } from "vitest";
import { quote } from "#server/causes/cause.ts";
import { factCauses } from "#server/causes/fact-causes.ts";
import { causes, findCause } from "#server/causes/find-cause.ts";
import { causesText } from "../../../scripts/causes-text.ts";
import { explainFixture, planOf, readFailures } from "./failure-fixtures.ts";

const failures = await readFailures();
const ids = [...new Set(causes.map(({ id }) => id))];

describe("what tools really print when they fail is explained, and the line that decided is shown", () => {
	test.each(failures)("$name", async (fixture) => {
		const { known, lines } = await explainFixture(fixture);
		expect(known).toMatchObject({ id: fixture.cause });
		expect(lines.length).toBeLessThanOrEqual(15);
		if (known?.line !== null) expect(lines).toContain(known?.line);
		expect(known?.message).toMatch(/^[\w“./][^\n]{10,}\.$/);
		expect(known?.action).toMatch(/^[A-Zn][^\n]{10,}\.$/);
		expect(`${known?.message} ${known?.action}`).not.toMatch(/“undefined”|“null”|“”|\$\{(?!NPM_TOKEN)/);
	});
});

test("every cause is proved by an output, and there are far more than thirty", () => {
	const proved = new Set(failures.map(({ cause }) => cause));
	expect(ids.filter((id) => !proved.has(id))).toEqual([]);
	expect([...proved].filter((id) => !ids.includes(id))).toEqual([]);
	expect(ids.length).toBeGreaterThanOrEqual(45);
	expect(ids.every((id) => /^[a-z_]+$/.test(id))).toBe(true);
	expect(Object.keys(factCauses).filter((id) => ids.includes(id))).toEqual([]);
});

test("an output that nobody knows has no cause", async () => {
	const lines = ["> build", "Doing things", "Did not work out."];
	expect(await findCause({ step: "build", command: "make", exitCode: 2, end: "exited", lines, plan: planOf({}), files: null })).toBeNull();
});

test("without the repository's files there is still a cause", async () => {
	const lines = ["Error: Cannot find module './Routes/users'", "Require stack:", "- /workspace/server.js"];
	const known = await findCause({
		step: "start",
		command: "node server.js",
		exitCode: 1,
		end: "exited",
		lines,
		plan: planOf({}),
		files: null,
	});
	expect(known).toMatchObject({ id: "file_missing", message: expect.stringContaining("“./Routes/users”") });
});

test("hostile output is searched in a moment", { timeout: 120_000 }, async () => {
	const hostile = [
		"a".repeat(1000),
		" ".repeat(1000),
		"/".repeat(1000),
		"Cannot find module '".repeat(50),
		"npm error 404 - GET https://".repeat(30),
		`File "${"x".repeat(900)}", line 1`,
		"peer react@".repeat(90),
		"(".repeat(1000),
		"A_".repeat(500),
		"missing environment ".repeat(50),
		"error: ".repeat(140),
		"\\r".repeat(500),
	];
	for (const line of hostile) {
		const lines = Array.from({ length: 70 }, () => line);
		for (const step of ["install", "build", "test", "start"] as const) {
			// Time on the processor, whatever else the machine does; a pattern that runs away takes minutes.
			const before = process.cpuUsage();
			await findCause({ step, command: "npm run build", exitCode: 1, end: "exited", lines, plan: planOf({}), files: null });
			expect({ line: line.slice(0, 40), step, slow: process.cpuUsage(before).user > 3_000_000 }).toMatchObject({ slow: false });
		}
	}
});

test("a name out of foreign output stays one short line", () => {
	expect(quote("a\nb\tc")).toBe("“a b c”");
	expect(quote("x".repeat(500)).length).toBeLessThan(130);
});

test("the list for people is the one the rules make (npm run causes)", async () => {
	const { readFile } = await import("node:fs/promises");
	expect(await readFile("docs/causes.md", "utf8")).toBe(await causesText());
});
