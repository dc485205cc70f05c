import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright";
import type { Platform } from "./platform.ts";

const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = browsers.find((path) => existsSync(path));

/** How Chromium is started, here and in playwright.config.ts: the system's own, keeping quiet on the network. */
export const launchOptions = {
	...(executablePath ? { executablePath } : {}),
	args: [
		"--no-sandbox",
		"--disable-quic",
		"--no-first-run",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
	],
};

export function launchBrowser(): Promise<Browser> {
	return chromium.launch(launchOptions);
}

/** Signs the platform's admin in through the login page. */
export async function signIn(page: Page, platform: Platform): Promise<void> {
	await page.goto(`${platform.url}/login`);
	await page.getByLabel("Email").fill(platform.admin.email);
	await page.getByLabel("Password", { exact: true }).fill(platform.admin.password);
	await page.getByRole("button", { name: /sign in|log in/i }).click();
	await page.waitForURL(`${platform.url}/`);
}
