import type { CDPSession, Page } from "@playwright/test";
import { launchOptions, signIn } from "../support/browser.ts";
import { submit } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { talkingFor } from "./projects.ts";
import { copiedLog, expectStatus } from "./screen.ts";

// Playwright switches the back/forward cache off.
test.use({ launchOptions: { ...launchOptions, ignoreDefaultArgs: ["--disable-back-forward-cache"] } });

test.describe.configure({ timeout: 240_000 });

const status = (page: Page) => page.locator("[data-connection]");

/** As the developer tools throttle. */
const slow3g = { offline: false, latency: 2000, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const offline = { offline: true, latency: 0, downloadThroughput: 0, uploadThroughput: 0 };

test("over slow 3G, and cut off twice, a deployment is watched to its end and nothing of its log is missing (R278)", async ({
	page,
	platform,
	git,
}) => {
	await git.add("far-away", talkingFor(20));
	await signIn(page, platform);
	const devtools = await page.context().newCDPSession(page);
	await devtools.send("Network.enable");
	const { id } = await submit(platform, git.url("far-away"));
	await devtools.send("Network.emulateNetworkConditions", slow3g);
	await page.goto(`${platform.url}/deployments/${id}`, { timeout: 90_000 });
	await expect(status(page)).toHaveText(/^Connected/, { timeout: 60_000 });
	for (let cut = 0; cut < 2; cut++) {
		await devtools.send("Network.emulateNetworkConditions", offline);
		await expect(status(page)).toContainText("Connection lost", { timeout: 20_000 });
		await devtools.send("Network.emulateNetworkConditions", slow3g);
		await expect(status(page)).toHaveText(/^Connected/, { timeout: 60_000 });
	}
	await expectStatus(page, "succeeded", 90_000);
	const log = await (await platform.fetch(`/api/deployments/${id}/log?format=text`)).text();
	await page.getByRole("tab", { name: "Logs" }).click();
	expect(await copiedLog(page)).toEqual(log.trimEnd().split("\n"));
});

test("a page that comes back from the back/forward cache goes on where it stood, and nothing of its log is missing", async ({
	page,
	platform,
	git,
}) => {
	await git.add("left-and-back", talkingFor(25));
	await signIn(page, platform);
	// Browsers differ in whether they keep pages that must not be stored: this one may.
	await page.route(
		(url) => url.origin === platform.url && !url.pathname.startsWith("/live/"),
		async (route) => {
			const response = await route.fetch();
			await route.fulfill({ response, headers: { ...response.headers(), "cache-control": "no-cache" } });
		},
	);
	const { id } = await submit(platform, git.url("left-and-back"));
	await page.goto(`${platform.url}/deployments/${id}`);
	await expect(status(page)).toHaveText(/^Connected/);
	await expect(page.locator("[data-log-pane]")).toContainText("step 3", { timeout: 60_000 });
	// Playwright does not follow a page that comes back: from here on the developer tools are asked.
	const devtools = await page.context().newCDPSession(page);
	await run(devtools, `addEventListener("pageshow", ({ persisted }) => { window.cameBack = persisted; })`);
	const { currentIndex, entries } = await devtools.send("Page.getNavigationHistory");
	await devtools.send("Page.navigate", { url: `http://127.0.0.1:${platform.port}/api/health` });
	await expect.poll(() => run(devtools, "location.hostname")).toBe("127.0.0.1");
	await devtools.send("Page.navigateToHistoryEntry", { entryId: entries[currentIndex]?.id ?? 0 });
	await expect.poll(() => run(devtools, "window.cameBack"), { timeout: 20_000 }).toBe(true);

	await expect
		.poll(() => run(devtools, "document.querySelector('article[data-run-id]').dataset.status"), { timeout: 90_000 })
		.toBe("succeeded");
	expect(await run(devtools, "document.querySelector('[data-connection]').dataset.connection")).toBe("connected");
	await run(
		devtools,
		`navigator.clipboard.writeText = async (text) => { window.copied = text; };
		[...document.querySelectorAll("button")].find((button) => (button.ariaLabel ?? button.textContent).includes("Copy the log")).click()`,
	);
	const log = await (await platform.fetch(`/api/deployments/${id}/log?format=text`)).text();
	await expect.poll(async () => String(await run(devtools, "window.copied")).split("\n")).toEqual(log.trimEnd().split("\n"));
});

/** What an expression is in the page that is shown now; null while there is none. */
async function run(devtools: CDPSession, expression: string): Promise<unknown> {
	const answer = await devtools.send("Runtime.evaluate", { expression, returnByValue: true }).catch(() => null);
	return answer?.result.value ?? null;
}
