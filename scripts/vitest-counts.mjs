import { writeFile } from "node:fs/promises";

/** A Vitest reporter that writes how many tests passed and failed, and which were skipped and why, for `npm run verify`. */
export default class VitestCounts {
	async onTestRunEnd(testModules, unhandledErrors) {
		const report = { passed: 0, failed: unhandledErrors.length, skipped: [] };
		for (const testModule of testModules) {
			// A file that could not be loaded has no tests to fail.
			report.failed += testModule.errors().length;
			for (const test of testModule.children.allTests()) {
				const result = test.result();
				if (result.state === "passed") report.passed += 1;
				else if (result.state === "skipped") report.skipped.push({ name: test.fullName, reason: result.note ?? reasonOf(test) });
				else report.failed += 1;
			}
		}
		await writeFile(process.env.QUAYSIDE_TEST_COUNTS, JSON.stringify(report));
	}
}

function reasonOf(test) {
	for (let suite = test.parent; suite.type === "suite"; suite = suite.parent)
		if (suite.errors().length > 0) return "its suite could not be set up";
	return "no reason given";
}
