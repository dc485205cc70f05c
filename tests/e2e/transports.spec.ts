import type { BrowserContext, Page } from "@playwright/test";
import { signIn } from "../support/browser.ts";
import { submit } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { talkingFor } from "./projects.ts";
import { copiedLog, expectStatus, submitRepository, truthOf } from "./screen.ts";

const liveSocket = /\/live\/ws(\?|$)/;

/** Paths the page asked for, in order. */
function requestsOf(page: Page): string[] {
	const paths: string[] = [];
	page.on("request", (request) => paths.push(new URL(request.url()).pathname));
	return paths;
}

const isPolling = (path: string) => path === "/live/poll" || /^\/api\/.*\/events$/.test(path);

test("over WebSocket nothing is polled (R114)", async ({ page, platform, git }) => {
	await git.add("over-websocket", talkingFor(5));
	const paths = requestsOf(page);
	await signIn(page, platform);
	await submitRepository(page, git.url("over-websocket"));
	const status = page.locator("[data-connection]");
	await expect(status).toHaveText(/^Connected\s*WebSocket$/);
	await expectStatus(page, "succeeded");
	await expect(status).toHaveText(/^Connected\s*WebSocket$/);
	expect(paths.filter((path) => path === "/live/sse" || isPolling(path))).toEqual([]);
});

/** What a network can do to a browser, and what the connection is then made of. */
const networks: { name: string; transport: string; text: RegExp; apply(context: BrowserContext): Promise<unknown> }[] = [
	{
		name: "WebSocket is closed at once",
		transport: "sse",
		text: /^Connected\s*SSE$/,
		apply: (context) => context.routeWebSocket(liveSocket, (socket) => socket.close()),
	},
	{
		name: "WebSocket is accepted and never says a word",
		transport: "sse",
		text: /^Connected\s*SSE$/,
		apply: (context) => context.routeWebSocket(liveSocket, () => {}),
	},
	{
		name: "the browser has a WebSocket that throws",
		transport: "sse",
		text: /^Connected\s*SSE$/,
		apply: (context) =>
			context.addInitScript(() => {
				Object.assign(window, {
					WebSocket: class {
						constructor() {
							throw new Error("not here");
						}
					},
				});
			}),
	},
	{
		name: "WebSocket and SSE are both refused",
		transport: "poll",
		text: /^Connected\s*polling$/,
		apply: async (context) => {
			await context.routeWebSocket(liveSocket, (socket) => socket.close());
			await context.route("**/live/sse*", (route) => route.abort());
		},
	},
];

for (const { name, transport, text, apply } of networks) {
	test(`${name}: the same final screen (U16)`, async ({ page, context, browser, platform, git }) => {
		const project = `over-${networks.findIndex((network) => network.name === name)}`;
		await git.add(project, talkingFor(8));
		await apply(context);
		await signIn(page, platform);
		await submitRepository(page, git.url(project));
		const status = page.locator("[data-connection]");
		await expect(status).toHaveAttribute("data-transport", transport, { timeout: 30_000 });
		await expect(status).toHaveText(text);
		await expectStatus(page, "succeeded");
		await expect(page.getByRole("link", { name: "Open", exact: true })).toBeVisible();

		const healthy = await browser.newContext();
		const other = await healthy.newPage();
		await signIn(other, platform);
		await other.goto(page.url());
		const truth = await truthOf(other);
		await healthy.close();
		expect(await truthOf(page)).toEqual(truth);
		await expect(status).toHaveAttribute("data-transport", transport);
	});
}

test("the server is killed and started in mid-deployment: it is said, and the page goes on by itself (U15, R86)", async ({
	member,
	platform,
	git,
}) => {
	await git.add("interrupted", talkingFor(6));
	const { id } = await submit(platform, git.url("interrupted"));
	await member.goto(`${platform.url}/deployments/${id}`);
	await member.evaluate(() => Object.assign(window, { sameLoad: true }));
	await expect(member.getByText("step 10", { exact: true })).toBeVisible({ timeout: 30_000 });
	await expect(member.locator("[data-connection=connected]")).toBeVisible();

	await platform.kill9();
	const status = member.locator("[data-connection]");
	await expect(status).toContainText(/^Connection lost\. Retrying… Last update \d+ s ago$/);
	// The deployment is not said to have failed because the connection has.
	await expectStatus(member, "running");
	await platform.restart();
	await expect(status).toHaveAttribute("data-connection", "connected", { timeout: 15_000 });
	await expectStatus(member, "succeeded");
	expect(await member.evaluate(() => "sameLoad" in window)).toBe(true);

	const log = await (await platform.fetch(`/api/deployments/${id}/log?format=text`)).text();
	expect(await copiedLog(member)).toEqual(log.trimEnd().split("\n"));
});

test("eight tabs share one connection where there is no WebSocket, and all of them move", async ({ page, platform, git }) => {
	await git.add("eight-tabs", talkingFor(3));
	await page.context().routeWebSocket(liveSocket, (socket) => socket.close());
	await signIn(page, platform);
	const { id } = await submit(platform, git.url("eight-tabs"));
	const tabs = [page];
	while (tabs.length < 8) tabs.push(await page.context().newPage());
	await Promise.all(tabs.map((tab) => tab.goto(`${platform.url}/deployments/${id}`)));
	for (const tab of tabs) await expect(tab.locator("[data-connection]")).toHaveText(/^Connected\s*SSE$/, { timeout: 30_000 });
	const streams = async () => {
		const { clients } = (await (await platform.fetch("/api/live/clients")).json()) as { clients: { transport: string }[] };
		return clients.filter(({ transport }) => transport === "sse").length;
	};
	// While a tab takes over from another both are there for a moment.
	await expect.poll(streams).toBeLessThanOrEqual(2);
	for (const tab of tabs) await expectStatus(tab, "succeeded");
});
