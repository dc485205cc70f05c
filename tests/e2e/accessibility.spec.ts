import type { Page } from "@playwright/test";
import { signIn } from "../support/browser.ts";
import { deploy, submit, waitForEvent } from "../support/deployments.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { needsVariable, stubborn, talkingFor } from "./projects.ts";
import { expectStatus } from "./screen.ts";

test.describe.configure({ mode: "serial" });

/** Paths of pages in each state that matters. */
const pages: { name: string; path: string }[] = [];

test.beforeAll(async ({ platform, git }) => {
	await git.add("fails", needsVariable);
	await git.add("busy", stubborn);
	const live = await deploy(platform, git.url("static"));
	const failed = await deploy(platform, git.url("fails"));
	const { id: running } = await submit(platform, git.url("busy"));
	await waitForEvent(platform, running, (event) => event.type === "log" && event.metadata.lines.some(({ text }) => text === "working"));
	const body = JSON.stringify({ name: "API_BASE", value: "https://api.example.com", secret: false });
	await platform.fetch("/api/projects/static/env", { method: "POST", headers: { "content-type": "application/json" }, body });
	pages.push(
		{ name: "overview", path: "/" },
		{ name: "running", path: `/deployments/${running}` },
		{ name: "failed", path: `/deployments/${failed.id}` },
		{ name: "live", path: `/deployments/${live.id}` },
		{ name: "plan", path: `/deployments/${live.id}?tab=plan` },
		{ name: "conversation", path: `/deployments/${live.id}?tab=conversation` },
		{ name: "conversation of a failure", path: `/deployments/${failed.id}?tab=conversation` },
		{ name: "events", path: `/deployments/${live.id}?tab=events` },
		{ name: "projects", path: "/projects" },
		{ name: "plan in its form", path: `/deployments/${live.id}?tab=plan&edit=true` },
		{ name: "project", path: "/projects/static" },
		{ name: "runtime log of a site", path: "/projects/static?tab=log" },
		{ name: "environment", path: "/projects/static?tab=environment" },
		{ name: "source", path: "/projects/static?tab=source" },
		{ name: "project settings", path: "/projects/static?tab=settings" },
		{ name: "analytics", path: "/analytics" },
		{ name: "settings", path: "/settings" },
		{ name: "not found", path: "/nothing-here" },
	);
});

test.afterAll(async ({ platform }) => {
	const running = pages.find(({ name }) => name === "running");
	if (running) await platform.fetch(`/api${running.path}/cancel`, { method: "POST" });
});

async function open(page: Page, url: string): Promise<void> {
	await page.goto(url);
	await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
	await expect(page.getByText("Loading", { exact: false })).toHaveCount(0);
}

test("axe finds nothing on any page, in light and in dark (U20)", async ({ page, platform }) => {
	test.setTimeout(240_000);
	await open(page, `${platform.url}/login`);
	await expectAccessible(page);
	await signIn(page, platform);
	for (const { name, path } of pages) {
		await test.step(name, async () => {
			await open(page, platform.url + path);
			await expectAccessible(page);
		});
	}
});

test("no page scrolls sideways from 320 px to 1440 px (U24)", async ({ page, platform }) => {
	const widthOf = () => page.evaluate(() => document.documentElement.scrollWidth);
	await page.setViewportSize({ width: 320, height: 640 });
	await open(page, `${platform.url}/login`);
	expect(await widthOf()).toBeLessThanOrEqual(320);
	await signIn(page, platform);
	const tooWide: string[] = [];
	for (const { name, path } of pages) {
		await open(page, platform.url + path);
		for (const width of [320, 768, 1440]) {
			await page.setViewportSize({ width, height: 800 });
			if ((await widthOf()) > width) tooWide.push(`${name} at ${width}: ${await widthOf()}`);
		}
	}
	expect(tooWide).toEqual([]);
});

test("with reduced motion nothing moves (U22)", async ({ page, platform }) => {
	await page.emulateMedia({ reducedMotion: "reduce" });
	await signIn(page, platform);
	for (const { path } of pages) {
		await open(page, platform.url + path);
		const moving = () =>
			page.evaluate(() =>
				document
					.getAnimations()
					.filter(({ playState }) => playState === "running")
					.map(({ effect }) => effect?.getComputedTiming().duration),
			);
		// What has no duration has no motion.
		await expect.poll(async () => (await moving()).filter((duration) => Number(duration) > 1)).toEqual([]);
	}
});

test("with the keyboard alone: submit, watch, open the preview (U19)", async ({ page, platform, git }) => {
	await git.add("by-keyboard", talkingFor(1));
	await page.goto(`${platform.url}/login`);
	await expect(page.getByLabel("Email")).toBeFocused();
	await page.keyboard.type(platform.admin.email);
	await page.keyboard.press("Tab");
	await page.keyboard.type(platform.admin.password);
	await page.keyboard.press("Enter");
	await page.waitForURL(`${platform.url}/`);
	await tabTo(page, page.getByLabel("Repository", { exact: true }));
	await page.keyboard.type(git.url("by-keyboard"));
	await page.keyboard.press("Control+Enter");
	await page.waitForURL(/\/deployments\//);
	await expectStatus(page, "succeeded");
	const preview = page.getByRole("link", { name: "Open", exact: true });
	await tabTo(page, preview);
	await expect(preview).toBeFocused();
	const [opened] = await Promise.all([page.context().waitForEvent("page"), page.keyboard.press("Enter")]);
	await expect(opened.getByText("hello from the app")).toBeVisible();
});

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, target: ReturnType<Page["getByRole"]>): Promise<void> {
	for (let presses = 0; presses < 40; presses++) {
		if (await target.evaluate((element) => element === document.activeElement)) return;
		await page.keyboard.press("Tab");
	}
	throw new Error("The element is not reachable with the keyboard.");
}
