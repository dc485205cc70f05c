import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = browsers.find((path) => existsSync(path));

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
	use: {
		browserName: "chromium",
		screenshot: "only-on-failure",
		trace: "retain-on-failure",
		launchOptions: {
			...(executablePath ? { executablePath } : {}),
			args: [
				"--no-sandbox",
				"--disable-quic",
				"--no-first-run",
				"--disable-background-networking",
				"--disable-component-update",
				"--disable-sync",
			],
		},
	},
});
