import type { Page } from "@playwright/test";
import { submit } from "../support/deployments.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";

declare global {
	interface Window {
		notified: string[];
	}
}

test("an end is told in every tab, and once on the desktop; the page that shows it says nothing more (U27, U28, R217, R275)", async ({
	member: page,
	platform,
	git,
}) => {
	// A browser that lets us, and in which no tab is in front.
	await page.context().addInitScript(() => {
		window.notified = [];
		document.hasFocus = () => false;
		window.Notification = Object.assign(
			class {
				constructor(_title: string, options: NotificationOptions) {
					window.notified.push(`${options.tag} ${options.body}`);
				}
				close() {}
			},
			{ permission: "granted", requestPermission: async () => "granted" },
		) as unknown as typeof Notification;
	});
	await page.goto(`${platform.url}/settings`);
	const tabs = [page];
	for (let n = 0; n < 4; n++) tabs.push(await page.context().newPage());
	for (const tab of tabs.slice(1)) await tab.goto(`${platform.url}/projects`);
	for (const tab of tabs) await expect(tab.locator("[data-connection=connected]")).toBeVisible();

	await submit(platform, git.url("plain-http"));
	await expect(page.locator("[data-toast=neutral]").getByText("Shall your desktop tell you")).toBeVisible();
	await expectAccessible(page);
	await page.getByRole("button", { name: "Notify me" }).click();
	await expect(page.getByLabel("Tell me on the desktop")).toBeChecked();
	for (const tab of tabs) await expect(tab.locator("[data-toast=success]").getByText("went live.")).toBeVisible();
	const told = () => Promise.all(tabs.map((tab) => tab.evaluate(() => window.notified))).then((all) => all.flat());
	await expect.poll(told).toHaveLength(1);

	const failing = await submit(platform, git.url("failing-build"));
	const refused = (tab: Page) => tab.locator("[data-toast=danger]").getByText("was not deployed");
	for (const tab of tabs) await expect(refused(tab)).toBeVisible({ timeout: 60_000 });
	await expect.poll(told).toHaveLength(2);
	expect((await told()).join("\n")).toContain("was not deployed");

	await page.locator("[data-toast=danger]").getByRole("link", { name: "Show" }).click();
	await page.waitForURL(new RegExp(`/deployments/${failing.id}`));
	await expect(page.locator("[data-toast=danger]")).toHaveCount(0);
});
