import type { Page } from "@playwright/test";
import { signIn } from "../support/browser.ts";
import { deploy, submit } from "../support/deployments.ts";
import { startMeddlingProxy } from "../support/meddling-proxy.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { talkingFor } from "./projects.ts";
import { copiedLog, expectPlainWords, expectStatus } from "./screen.ts";

const liveSocket = /\/live\/ws(\?|$)/;
const liveRequests = /\/live\/(sse|poll)(\?|$)/;
const statusOf = (page: Page) => page.locator("[data-connection]");
const detailsOf = (page: Page) => page.getByTitle("About the connection");

test("each state has its words, an icon and a place of its own height (R117, R119–R122, R124)", async ({ page, platform }) => {
	await page.clock.install();
	await signIn(page, platform);
	const status = statusOf(page);
	const top = () => page.locator("main").evaluate((main) => main.getBoundingClientRect().top);

	await test.step("Connected", async () => {
		await expect(status).toHaveText(/^Connected\s*WebSocket$/);
		await expect(status.locator("svg[aria-hidden=true]")).toBeVisible();
	});
	const restingTop = await top();

	let network: "silent" | "cut" = "silent";
	await page.routeWebSocket(liveSocket, (socket) => network === "cut" && void socket.close());
	await page.route(liveRequests, (route) => network === "cut" && route.abort());
	await test.step("Connecting…: the upgrade takes its time", async () => {
		await page.reload();
		await expect(status).toHaveText("Connecting…");
		expect(await top()).toBe(restingTop);
	});

	await test.step("Can't reach the server: after ten tries", async () => {
		network = "cut";
		await page.reload();
		await expect
			.poll(
				async () => {
					await page.clock.fastForward(5000);
					return status.textContent();
				},
				{ timeout: 60_000 },
			)
			.toMatch(/^Can't reach the server\. Retrying in \d+ s/);
		await expect(page.getByRole("button", { name: "Retry now" })).toBeVisible();
		expect(await top()).toBe(restingTop);
		await expectPlainWords(page);
		await page.unroute(liveRequests);
		await page.getByRole("button", { name: "Retry now" }).click();
		await expect(status).toHaveText(/^Connected\s*(SSE|polling)$/);
	});
});

test("Connection lost: said within two seconds, once, and never by counting aloud (R121)", async ({ page, platform }) => {
	await signIn(page, platform);
	const status = statusOf(page);
	await expect(status).toHaveText(/^Connected/);
	const spoken: string[] = [];
	await page.exposeFunction("heard", (text: string) => spoken.push(text));
	await page.evaluate(() => {
		const region = document.querySelector("[data-announcer]");
		if (!region) throw new Error("no live region");
		const { heard } = window as unknown as { heard(text: string | null): void };
		new MutationObserver(() => heard(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
	});
	const top = await page.locator("main").evaluate((main) => main.getBoundingClientRect().top);

	await platform.kill9();
	await expect(status).toContainText(/^Connection lost\. Retrying…/, { timeout: 6000 });
	expect(await page.locator("main").evaluate((main) => main.getBoundingClientRect().top)).toBe(top);
	await platform.restart();
	await expect(status).toHaveText(/^Connected/, { timeout: 15_000 });
	await expect.poll(() => spoken).toEqual(["Connection lost. Retrying.", "Connected again."]);
});

test("on demand it says why, how fast and since when, by keyboard as well (R123, R125)", async ({ page, platform }) => {
	await signIn(page, platform);
	for (const width of [390, 1440]) {
		await page.setViewportSize({ width, height: 800 });
		for (const path of ["/", "/projects", "/settings", "/system", "/system/connection"]) {
			await page.goto(platform.url + path);
			await expect(statusOf(page)).toHaveText(/^Connected\s*WebSocket$/);
			await expect(statusOf(page)).toBeInViewport();
		}
	}
	await page.goto(platform.url);
	await expect(statusOf(page)).toHaveText(/^Connected/);
	await detailsOf(page).focus();
	await page.keyboard.press("Enter");
	const details = page.locator("[data-connection-details]");
	await expect(details).toContainText("Updates arrive the moment they happen.");
	await expect(details).toContainText(/Round trip\d+ ms, (good|fair|poor)/);
	await expect(details).toContainText(/Last update\d+ s ago/);
	await expectAccessible(page);
	await page.keyboard.press("Escape");
	await expect(details).toBeHidden();
});

test("live updates switched off: no connection at all, a Refresh, remembered, and on again without loss (R118)", async ({
	page,
	platform,
	git,
}) => {
	await git.add("unwatched", talkingFor(4));
	await signIn(page, platform);
	await expect(statusOf(page)).toHaveText(/^Connected/);
	await detailsOf(page).click();
	await page.getByRole("switch", { name: "Live updates" }).click();
	await expect(statusOf(page)).toHaveText("Paused by you");
	await page.keyboard.press("Escape");

	const live: string[] = [];
	page.on("websocket", (socket) => live.push(socket.url()));
	page.on("request", (request) => request.url().includes("/live/") && live.push(request.url()));
	const { id } = await submit(platform, git.url("unwatched"));
	await page.goto(`${platform.url}/deployments/${id}`);
	await expect(statusOf(page)).toHaveText("Paused by you");
	await expect
		.poll(
			async () => ((await (await platform.fetch(`/api/deployments/${id}`)).json()) as { deployment: { status: string } }).deployment.status,
		)
		.toMatch(/succeeded|running/);
	expect(live).toEqual([]);

	const refresh = page.getByRole("button", { name: "Refresh" });
	await expect(async () => {
		await refresh.click();
		await expectStatus(page, "succeeded", 1000);
	}).toPass({ timeout: 60_000 });
	await page.getByRole("tab", { name: "Logs" }).click();
	const log = await (await platform.fetch(`/api/deployments/${id}/log?format=text`)).text();
	expect(await copiedLog(page)).toEqual(log.trimEnd().split("\n"));
	await expect(statusOf(page)).toHaveText("Paused by you");
	expect(live.filter((url) => !url.endsWith("/live/poll"))).toEqual([]);

	await page.goto(`${platform.url}/settings`);
	await page.getByRole("main").getByRole("switch", { name: "Live updates" }).click();
	await expect(statusOf(page)).toHaveText(/^Connected\s*WebSocket$/);
	await page.reload();
	await expect(statusOf(page)).toHaveText(/^Connected\s*WebSocket$/);
});

test.describe("the doctor", () => {
	const verdict = (page: Page) => page.locator("[data-verdict]");
	const rung = (page: Page, kind: string) => page.locator(`[data-rung=${kind}]`);
	const done = { timeout: 45_000 };

	test("finds that everything works, and never stands still (R113)", async ({ page, platform }) => {
		await signIn(page, platform);
		await page.goto(platform.url);
		await detailsOf(page).click();
		await page.getByRole("link", { name: "Test the connection" }).click();
		await expect(page).toHaveURL(`${platform.url}/system/connection`);
		await expect(rung(page, "ws")).toHaveAttribute("data-state", "running");
		const stillMs = await page.evaluate(
			() =>
				new Promise<number>((resolve) => {
					let [changedAt, longest] = [performance.now(), 0];
					const main = document.querySelector("main");
					if (!main) throw new Error("no main");
					new MutationObserver(() => {
						longest = Math.max(longest, performance.now() - changedAt);
						changedAt = performance.now();
						if (document.querySelector("[data-verdict]")?.getAttribute("data-verdict") !== "running") resolve(longest);
					}).observe(main, { subtree: true, childList: true, characterData: true, attributes: true });
				}),
		);
		expect(stillMs).toBeLessThan(3000);
		await expect(verdict(page)).toHaveAttribute("data-verdict", "ws");
		await expect(verdict(page)).toContainText("Everything works");
		for (const kind of ["ws", "sse", "poll"]) await expect(rung(page, kind)).toHaveAttribute("data-state", "works");
		await expect(page.getByLabel("Settings of nginx")).toContainText(`proxy_pass http://127.0.0.1:${platform.port};`);
		await expectPlainWords(page);
		await expectAccessible(page);
	});

	test("names what blocks WebSocket, and the lines that repair it", async ({ page, context, platform }) => {
		await context.routeWebSocket(liveSocket, (socket) => socket.close());
		await signIn(page, platform);
		await page.goto(`${platform.url}/system/connection`);
		await expect(verdict(page)).toHaveAttribute("data-verdict", "sse", done);
		await expect(rung(page, "ws")).toHaveAttribute("data-state", "fails");
		await expect(page.locator("[data-repairs]").first()).toBeVisible();
		await page.getByRole("tab", { name: "HAProxy" }).click();
		await expect(page.getByLabel("Settings of HAProxy")).toContainText("timeout tunnel 1h");
		await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
		await page.getByRole("button", { name: "Copy report" }).click();
		const report = await page.evaluate(() => navigator.clipboard.readText());
		expect(report).toContain("WebSocket: does not work");
		expect(report).toContain("Server-sent events: works");
		for (const { value } of await context.cookies()) expect(report).not.toContain(value);
		await expectAccessible(page);
	});

	test("through a proxy that refuses upgrades and holds answers back", async ({ page, platform }) => {
		const proxy = await startMeddlingProxy(platform.port, { upgrade: "refuse", stream: "hold" }, "localhost");
		try {
			await signIn(page, { ...platform, url: proxy.origin });
			await page.goto(`${proxy.origin}/system/connection`);
			await expect(verdict(page)).toHaveAttribute("data-verdict", "poll", done);
			await expect(rung(page, "ws")).toContainText(/Refused after \d+ ms/);
			await expect(rung(page, "sse")).toContainText("Held back by something in between");
			await expect(verdict(page)).toContainText("Nothing is lost");
			await expect(statusOf(page)).toHaveText(/^Connected\s*polling$/, { timeout: 30_000 });
			const details = page.locator("[data-connection-details]");
			await detailsOf(page).click();
			await expect(details).toContainText("polling");
		} finally {
			await proxy.stop();
		}
	});
});

test("administrators see who is connected (R56)", async ({ page, platform }) => {
	await signIn(page, platform);
	await expect(statusOf(page)).toHaveText(/^Connected/);
	await page.goto(`${platform.url}/system`);
	await expect(statusOf(page)).toHaveText(/^Connected/);
	await page.getByRole("main").getByRole("button", { name: "Refresh" }).click();
	const row = page.locator("[data-client]").filter({ hasText: "WebSocket" });
	await expect(row.first()).toContainText("user/");
	await expectAccessible(page);
});

test("one socket outlives every change of page (R63, R116)", async ({ page, platform, git }) => {
	await deploy(platform, git.url("static"));
	const sockets: string[] = [];
	page.on("websocket", (socket) => liveSocket.test(socket.url()) && sockets.push(socket.url()));
	await signIn(page, platform);
	await page.goto(platform.url);
	await expect(statusOf(page)).toHaveText(/^Connected/);
	sockets.length = 0;
	await page.reload();
	await expect(statusOf(page)).toHaveText(/^Connected/);
	for (const name of ["Projects", "Analytics", "Settings", "Overview"]) {
		await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
		await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name })).toHaveAttribute("aria-current", "page");
	}
	await page
		.getByRole("link", { name: /^static/ })
		.first()
		.click();
	await page.waitForURL(/\/deployments\//);
	await page.goBack();
	await expect(statusOf(page)).toHaveText(/^Connected/);
	expect(sockets).toHaveLength(1);
});

test("what only the server can do waits, and says why, until the server answers again (R127)", async ({ page, platform, git }) => {
	await deploy(platform, git.url("static"));
	await signIn(page, platform);
	await page.goto(`${platform.url}/projects/static?tab=settings`);
	const save = page.getByRole("button", { name: /^Save/ }).first();
	await expect(save).toBeVisible();
	await expect(statusOf(page)).toHaveText(/^Connected/);

	await platform.kill9();
	await expect(save).toHaveAttribute("aria-disabled", "true", { timeout: 20_000 });
	await save.focus();
	await expect(save).toHaveAccessibleDescription("The server can't be reached. This waits until it answers again.");
	await platform.restart();
	await expect(save).not.toHaveAttribute("aria-disabled", "true", { timeout: 20_000 });
});
