import type { Page } from "@playwright/test";
import { submit } from "../support/deployments.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { talkingFor } from "./projects.ts";

/** A deployment takes its time to end. */
const ended = { timeout: 60_000 };

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

	// One that takes its time.
	await git.add("talking", talkingFor(20));
	await submit(platform, git.url("talking"));
	await expect(page.locator("[data-toast=neutral]").getByText("Shall your desktop tell you")).toBeVisible(ended);
	await expectAccessible(page);
	await page.getByRole("button", { name: "Notify me" }).click();
	await expect(page.getByLabel("Tell me on the desktop")).toBeChecked();

	const inEveryTab = (look: (tab: Page) => Promise<void>) => Promise.all(tabs.map(look));
	await inEveryTab((tab) => expect(tab.getByText("Shall your desktop tell you")).toHaveCount(0));

	const told = async (text: string) => {
		const all = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.notified)));
		return all.flat().filter((one) => one.includes(text));
	};
	await submit(platform, git.url("static"));
	await inEveryTab((tab) => expect(tab.locator("[data-toast=success]").getByText("static went live.")).toBeVisible(ended));
	await expect.poll(() => told("static went live.")).toHaveLength(1);

	const failing = await submit(platform, git.url("failing-build"));
	await inEveryTab((tab) => expect(tab.locator("[data-toast=danger]").getByText("was not deployed")).toBeVisible(ended));
	await expect.poll(() => told("was not deployed")).toHaveLength(1);
	expect(await told("static went live.")).toHaveLength(1);

	await page.locator("[data-toast=danger]").getByRole("link", { name: "Show" }).click();
	await page.waitForURL(new RegExp(`/deployments/${failing.id}`));
	await expect(page.locator("[data-toast=danger]")).toHaveCount(0);
});
