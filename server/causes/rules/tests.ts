import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

/** The project's own tests. */
export const testCauses: readonly Cause[] = [
	{
		id: "no_tests_found",
		name: "There are no tests to run",
		steps: ["test"],
		patterns: [
			/No test files found/,
			/No tests found, exiting with code 1/,
			/no test specified/,
			/no tests ran in|NO TESTS RAN/,
			/Could not find '[^']{0,200}'\n?[^\n]{0,40}tests?/,
		],
		explain: ({ circumstances: { command } }) => ({
			message: `${command} found no tests, and takes that as a failure.`,
			action: "Take the test script out of package.json until there are tests, or let it pass without any (--passWithNoTests), and retry.",
		}),
	},
	{
		id: "tests_failed",
		name: "Tests failed",
		steps: ["test"],
		patterns: [
			/FAIL {1,3}(?<name>[^\n]{1,200} > [^\n]{1,200})/,
			/✖ (?<name>[^\n(]{1,160}) \([\d.]+ms\)/,
			/● (?<name>[^\n]{1,200} › [^\n]{1,200})/,
			/--- FAIL: (?<name>\S{1,160})/,
			/^FAILED (?<name>\S{1,200}::\S{1,200})/m,
			/FAIL: (?<name>\w{1,160}) \(/,
			/not ok \d+ - (?<name>[^\n]{1,160})/,
			/(?<count>[1-9]\d{0,5}) (?:tests? )?(?:failed|failing|failures?)\b/i,
			/Tests: +(?<count>[1-9]\d{0,5}) failed/,
		],
		explain: ({ groups, circumstances: { command } }) => ({
			message: groups.name
				? `A test failed in ${command}: ${quote(groups.name)}.`
				: `${groups.count} ${groups.count === "1" ? "test" : "tests"} failed in ${command}.`,
			action:
				"Run the tests where you develop, correct the code or the test, commit, push and deploy again. A variable they need belongs on the Environment page, for builds.",
		}),
	},
];
