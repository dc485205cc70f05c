import { defineConfig } from "@playwright/test";
import { launchOptions } from "./tests/support/browser.ts";

export default defineConfig({
	testDir: "tests/e2e",
	testMatch: "**/*.spec.ts",
	outputDir: "test-results",
	workers: 1,
	retries: 0,
	fullyParallel: false,
	forbidOnly: Boolean(process.env.CI),
	timeout: 120_000,
	expect: { timeout: 10_000 },
	reporter: [["list"]],
	use: { browserName: "chromium", screenshot: "only-on-failure", trace: "retain-on-failure", launchOptions },
});
