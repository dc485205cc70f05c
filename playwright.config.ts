import { defineConfig } from "@playwright/test";
import { launchOptions } from "./tests/support/browser.ts";

/** What measures time, or tells a slow network from a mute one by it: one after the other, with the machine to itself. */
const timed = "**/{connection,felt,long-log,networks,notifications,story,submit,transports,watch}.spec.ts";

export default defineConfig({
	testDir: "tests/e2e",
	outputDir: "test-results",
	projects: [
		{ name: "together", testMatch: "**/*.spec.ts", testIgnore: timed },
		{ name: "timed", testMatch: timed },
	],
	// `npm run verify` gives the first project two.
	workers: 1,
	retries: 0,
	fullyParallel: false,
	forbidOnly: Boolean(process.env.CI),
	// Two slow processors are enough; how long things may take is told by `npm run bench`.
	timeout: 240_000,
	expect: { timeout: 20_000 },
	reporter: [["list"]],
	use: { browserName: "chromium", screenshot: "only-on-failure", trace: process.env.CI ? "off" : "retain-on-failure", launchOptions },
});
