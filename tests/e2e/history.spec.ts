import type { Page } from "@playwright/test";
import { deploy } from "../support/deployments.ts";
import { openStoreOf, writeDeployment } from "../support/long-deployment.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords } from "./screen.ts";

/** Two deployments of one project: the second reuses nothing of the first. */
const project = "twice";
let first: string;
let second: string;
test.beforeAll(async ({ platform, git }) => {
	first = (await deploy(platform, git.url("plain-http"), { project })).id;
	await platform.fetch(`/api/projects/${project}/env`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ name: "GREETING", value: "not to be shown", secret: true }),
	});
	second = (await deploy(platform, git.url("plain-http"), { project })).id;
});

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

test("the timeline shows the queue, every stage and its phases beside what is usual (U24)", async ({ member, platform }) => {
	await member.goto(`${platform.url}/deployments/${second}?tab=timeline`);
	const rows = member.locator("[data-timeline] > li");
	await expect(rows.first()).toContainText("Queue");
	for (const stage of ["Clone", "Analyze", "Plan", "Write", "Build", "Test", "Deploy", "Verify"])
		await expect(rows.filter({ hasText: stage }).first()).toBeVisible();
	await expect(rows.filter({ hasText: "Clone" }).first()).toContainText(/\d s.*median .*\d s/);
	await expect(member.getByText("The earlier deployment that succeeded:")).toBeVisible();
	await expectAccessible(member);
	await expectPlainWords(member);
	await member.setViewportSize({ width: 320, height: 700 });
	expect(await widthOf(member)).toBeLessThanOrEqual(320);
});

test("two deployments lie beside each other, with names of variables and never a value", async ({ member, platform }) => {
	await member.goto(`${platform.url}/deployments/${second}?tab=timeline`);
	await member.getByRole("link", { name: "Compare with #1" }).click();
	await expect(member.getByRole("heading", { level: 1 })).toHaveText("twice #2 beside #1");
	await expect(member).toHaveURL(new RegExp(`/compare\\?with=${first}`));
	const variables = member.getByRole("region", { name: "Table: Variables", exact: true });
	await expect(variables.locator("[data-differs]")).toContainText("GREETING");
	await expect(member.getByText("not to be shown")).toHaveCount(0);
	await expect(member.getByRole("region", { name: "Table: Times" }).getByRole("row", { name: /^Build/ })).toContainText(/\d s/);
	await expectAccessible(member);
	await expectPlainWords(member);
	await member.setViewportSize({ width: 320, height: 700 });
	expect(await widthOf(member)).toBeLessThanOrEqual(320);
	// The first of several is compared with a newer one.
	await member.goto(`${platform.url}/deployments/${first}/compare`);
	await expect(member.getByRole("heading", { level: 1 })).toHaveText("twice #1 beside #2");
});

test("the preview is shown in a frame that can do nothing to the page, and opened and copied from there (U29)", async ({
	member,
	platform,
}) => {
	await member.goto(`${platform.url}/deployments/${second}?tab=preview`);
	const frame = member.locator("iframe[title='Preview of twice']");
	const sandbox = (await frame.getAttribute("sandbox"))?.split(" ") ?? [];
	expect(sandbox).not.toContain("allow-top-navigation");
	expect(sandbox).not.toContain("allow-popups-to-escape-sandbox");
	await expect(frame.contentFrame().locator("body")).not.toBeEmpty();
	const previewUrl = (await frame.getAttribute("src")) ?? "";
	expect(new URL(previewUrl).host).not.toBe(new URL(platform.url).host);
	await expect(member.getByRole("link", { name: "Open in a tab" })).toHaveAttribute("href", previewUrl);
	await member.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	await member.getByRole("tabpanel").getByRole("button", { name: "Copy URL" }).click();
	expect(await member.evaluate(() => navigator.clipboard.readText())).toBe(previewUrl);
});

test("a link shows a stranger how it went at every moment, by keyboard, and nothing once it is revoked", async ({
	member,
	platform,
	browser,
}) => {
	await member.goto(`${platform.url}/deployments/${second}`);
	await member.getByRole("button", { name: "Share", exact: true }).click();
	const dialog = member.getByRole("dialog", { name: "Share this deployment" });
	await dialog.getByRole("button", { name: "Make a link" }).click();
	const link = await dialog.getByLabel("Copy it now").inputValue();
	expect(link).toMatch(/\/share\/qsh_[\w-]{43}$/);
	await expectAccessible(member);

	const stranger = await (await browser.newContext()).newPage();
	const answer = await stranger.goto(link);
	expect(answer?.headers()).toMatchObject({ "referrer-policy": "no-referrer", "x-robots-tag": expect.stringContaining("noindex") });
	await expect(stranger.locator('meta[name="robots"]')).toHaveAttribute("content", /noindex/);
	await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("twice #2");
	await expect(stranger.getByText("Went live", { exact: true })).toBeVisible();
	await expect(stranger.locator("[data-log-pane] [aria-label^='Link to line']").first()).toBeVisible();
	await expect(stranger.locator("li[data-stage][data-status=succeeded]")).toHaveCount(8);
	for (const way of ["Open", "Copy URL", "Deploy again", "Projects"]) await expect(stranger.getByText(way, { exact: true })).toHaveCount(0);
	const shown = await stranger.content();
	for (const hidden of [new URL(platform.url).host.replace("127.0.0.1", project), platform.admin.email, "GREETING"])
		expect(shown).not.toContain(hidden);
	await expectAccessible(stranger);
	await expectPlainWords(stranger);

	const moment = stranger.getByRole("slider", { name: "Moment" });
	await moment.focus();
	await stranger.keyboard.press("Home");
	await expect(stranger.locator("article[data-shared]")).toHaveAttribute("data-status", "queued");
	await expect(stranger.locator("li[data-stage][data-status=pending]")).toHaveCount(8);
	await expect(stranger.getByText("Nothing was printed.")).toHaveCount(0);
	const done = () => stranger.locator("li[data-stage][data-status=succeeded]").count();
	await stranger.getByRole("button", { name: "Step forward" }).focus();
	for (let presses = 0; presses < 60 && (await done()) < 3; presses++) await stranger.keyboard.press("Enter");
	expect(await done()).toBe(3);
	await expect(moment).toHaveAttribute("aria-valuetext", /s of [\d.]+ s, /);
	await stranger.getByRole("combobox", { name: "Speed" }).selectOption("16");
	await stranger.getByRole("button", { name: "Play" }).press("Enter");
	await expect(stranger.locator("article[data-shared]")).toHaveAttribute("data-status", "succeeded");
	await expect(stranger.getByRole("button", { name: "Play" })).toBeVisible();
	await stranger.setViewportSize({ width: 320, height: 700 });
	expect(await widthOf(stranger)).toBeLessThanOrEqual(320);

	await dialog.getByRole("button", { name: "Revoke" }).click();
	await expect(dialog.getByText("Nobody without a login sees this deployment.")).toBeVisible();
	expect((await stranger.goto(link))?.status()).toBe(404);
	await expect(stranger.getByRole("heading", { name: "This link does not open anything" })).toBeVisible();
	await stranger.context().close();
});

test("a link to a deployment of 100,000 events opens at once, and every moment of it", async ({ platform, page }) => {
	const store = await openStoreOf(platform);
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const written = await writeDeployment(store, user.id);
		await written.log(100_000, { perEvent: 1 });
		await written.append([
			{
				type: "deployment_completed",
				content: "written was cancelled.",
				metadata: { status: "cancelled", duration_ms: 1, error: null, stopped_processes: 0 },
			},
		]);
		const headers = { "content-type": "application/json" };
		const made = await platform.fetch(`/api/deployments/${written.id}/share`, { method: "POST", headers, body: "{}" });
		const { token } = (await made.json()) as { token: string };
		const asked: string[] = [];
		page.on("request", (request) => asked.push(request.url()));
		await page.goto(`${platform.url}/share/${token}`);
		await expect(page.getByLabel("Link to line 100000", { exact: true })).toBeVisible();
		const moment = page.getByRole("slider", { name: "Moment" });
		await moment.focus();
		for (let presses = 0; presses < 5; presses++) await page.keyboard.press("PageDown");
		await expect(page.getByLabel("Link to line 100000", { exact: true })).toHaveCount(0);
		await expect(page.locator("[data-log-pane] [aria-label^='Link to line']").last()).toBeVisible();
		expect(await page.locator("[data-log-pane] [data-index]").count()).toBeLessThan(200);
		expect(asked.filter((url) => url.includes("/log/lines")).length).toBeLessThan(20);
	} finally {
		await store.stop();
	}
});

test("a part that fails takes nothing else with it, is reported under a reference, and comes back (R215, R216, R230, U26)", async ({
	member,
	platform,
}) => {
	const timing = "**/api/deployments/*/timing";
	let answer: "nothing" | "an error" | "nonsense" = "nothing";
	let goOn: () => void = () => {};
	const waited = new Promise<void>((resolve) => {
		goOn = resolve;
	});
	await member.route(timing, async (route) => {
		if (answer === "nothing") await waited;
		if (answer === "nonsense") return route.fulfill({ json: { timing: { usual: null } } });
		return route.fulfill({
			status: 503,
			json: { error: { code: "unreachable", message: "Quayside cannot be reached.", action: "Try again.", reference: "r1" } },
		});
	});
	await member.goto(`${platform.url}/deployments/${second}?tab=timeline`);
	// Loading, failed, nonsense and there: four screens.
	await expect(member.getByText("Loading the timeline")).toBeAttached();
	answer = "an error";
	goOn();
	const panel = member.getByRole("tabpanel");
	await expect(panel.getByRole("alert")).toContainText(/Quayside cannot be reached\..*Reference: r1/, { timeout: 20_000 });
	const reported = member.waitForResponse((response) => response.url().endsWith("/api/client-errors"));
	answer = "nonsense";
	await panel.getByRole("button", { name: "Try again" }).click();
	const { reference } = (await (await reported).json()) as { reference: string };
	await expect(panel.locator("[data-broken=timeline]")).toContainText(reference);
	await expectPlainWords(member);
	await expect(member.locator("li[data-stage=build]")).toBeVisible();
	await member.getByRole("tab", { name: "Logs" }).click();
	await expect(member.locator("[data-log-pane]")).toBeVisible();
	await member.getByRole("tab", { name: "Timeline" }).click();
	await member.unroute(timing);
	await panel.getByRole("button", { name: "Try again" }).click();
	await expect(member.locator("[data-timeline]")).toBeVisible();
});
