import { writeFile } from "node:fs/promises";

/** The same counts as `vitest-counts.mjs`, as a Playwright reporter. */
export default class PlaywrightCounts {
	errors = 0;

	onBegin(_config, suite) {
		this.suite = suite;
	}

	onError() {
		this.errors += 1;
	}

	async onEnd() {
		const report = { passed: 0, failed: this.errors, skipped: [] };
		for (const test of this.suite?.allTests() ?? []) {
			const outcome = test.outcome();
			if (outcome === "expected") report.passed += 1;
			else if (outcome === "skipped") report.skipped.push({ name: test.titlePath().filter(Boolean).join(" > "), reason: reasonOf(test) });
			else report.failed += 1;
		}
		await writeFile(process.env.QUAYSIDE_TEST_COUNTS, JSON.stringify(report));
	}

	printsToStdio() {
		return false;
	}
}

function reasonOf(test) {
	const annotation = test.annotations.find(({ type }) => type === "skip" || type === "fixme");
	return annotation?.description ?? "no reason given";
}
