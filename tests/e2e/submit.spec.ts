import type { Page } from "@playwright/test";
import type { DeploymentRow } from "#lib/protocol/index.ts";
import { signIn } from "../support/browser.ts";
import { followToEnd } from "../support/deployments.ts";
import type { Platform } from "../support/platform.ts";
import { expect, test } from "./platform-test.ts";
import { record, recordingOf, submitRepository } from "./screen.ts";

const isSubmission = (request: { method(): string; url(): string }) =>
	request.method() === "POST" && new URL(request.url()).pathname === "/api/deployments";

/** Keeps the submission from the server until it is let go. */
async function holdSubmission(page: Page): Promise<() => void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	await page.route("**/api/deployments", async (route, request) => {
		if (isSubmission(request)) await promise;
		await route.continue();
	});
	return resolve;
}

test("the click is answered at once, and the answer stays until there is a deployment (U1, R1, R2, R3)", async ({
	page,
	platform,
	git,
}) => {
	await record(page);
	await signIn(page, platform);
	const release = await holdSubmission(page);
	await page.getByLabel("Repository", { exact: true }).fill(git.url("static"));
	await page.getByRole("button", { name: "Deploy", exact: true }).click();
	await expect(page.getByRole("heading", { name: "Cloning repository…" })).toBeVisible();
	await expect(page.getByRole("progressbar", { name: "Cloning repository" })).toBeVisible();
	// The page counts the seconds itself; the server has not said a word in all that time.
	await expect(page.getByText(/Handing it to the Analyst, [67] s/)).toBeVisible();
	await expect(page.getByRole("heading", { name: "Cloning repository…" })).toBeVisible();
	release();
	await expect(page.locator("article[data-run-id]")).toBeVisible();
	const { paintedMs, wasBare } = await recordingOf(page);
	expect(paintedMs).toBeLessThan(300);
	expect(wasBare).toBe(false);
});

test("the page listens before it asks, and misses no event from the first on (R4)", async ({ page, platform, git }) => {
	const order: string[] = [];
	page.on("websocket", (socket) =>
		socket.on("framesent", ({ payload }) => {
			const frame = JSON.parse(String(payload)) as { t: string; stream?: string };
			if (frame.t === "sub") order.push(`sub ${frame.stream?.split("/")[0]}`);
		}),
	);
	page.on("request", (request) => isSubmission(request) && order.push("submit"));
	await signIn(page, platform);
	await expect(page.locator("[data-connection=connected]")).toBeVisible();
	const id = await submitRepository(page, git.url("static"));
	expect(order[0]).toBe("sub user");
	expect(order).toContain("submit");
	expect(order.indexOf("submit")).toBeGreaterThan(0);

	const events = (await followToEnd(platform, id)).filter(({ type }) => type !== "log");
	await page.getByRole("tab", { name: "Events" }).click();
	await expect(page.getByText(`#${events.at(-1)?.seq}`, { exact: true })).toBeVisible();
	const shown = await page.getByRole("tabpanel").locator("li > span:first-child").allTextContents();
	expect(shown.map((text) => Number(text.slice(1))).reverse()).toEqual(events.map(({ seq }) => seq));
});

test("an empty or wrong address is not sent, and the field says why (R11)", async ({ member }) => {
	const sent: string[] = [];
	member.on("request", (request) => isSubmission(request) && sent.push(request.url()));
	const field = member.getByLabel("Repository", { exact: true });
	for (const wrong of ["", "not an address", "file:///etc/passwd", "ext::sh -c id", "ftp://example.com/x"]) {
		await field.fill(wrong);
		await member.getByRole("button", { name: "Deploy", exact: true }).click();
		await expect(field).toBeFocused();
		await expect(field).toHaveAttribute("aria-invalid", "true");
		await expect(field).toHaveValue(wrong);
		await expect(member.locator("#composer-message")).not.toBeEmpty();
	}
	expect(sent).toEqual([]);
});

test("a refusal of the server gives the text back, says why and leads to the field (U17, R11)", async ({ member, git }) => {
	await member.getByLabel("Repository", { exact: true }).fill(git.url("static"));
	await member.getByLabel("Branch, tag or commit").fill("main..next");
	await member.getByLabel("Directory").fill("web");
	await member.getByRole("button", { name: "Deploy", exact: true }).click();
	await expect(member.getByRole("alert").filter({ hasText: "is not a branch, tag or commit" })).toBeVisible();
	await expect(member.getByLabel("Repository", { exact: true })).toHaveValue(git.url("static"));
	await expect(member.getByLabel("Branch, tag or commit")).toHaveValue("main..next");
	await expect(member.getByLabel("Directory")).toHaveValue("web");
	await expect(member.getByLabel("Repository", { exact: true })).toBeFocused();
	await expect(member).toHaveURL(/\/$/);
});

test("what is submitted while the server is away is kept, and sent once when it is back (R11, R12)", async ({ member, platform, git }) => {
	await git.add("kept", { "index.html": "<!doctype html><title>kept</title><p>kept</p>" });
	await expect(member.locator("[data-connection=connected]")).toBeVisible();
	await platform.kill9();
	await member.getByLabel("Repository", { exact: true }).fill(git.url("kept"));
	await member.getByRole("button", { name: "Deploy", exact: true }).click();
	await expect(member.getByRole("heading", { name: "The server cannot be reached" })).toBeVisible();
	await expect(member.getByRole("alert").filter({ hasText: "kept in this browser and is sent, once" })).toBeVisible();
	await member.getByRole("button", { name: "Try now" }).click();
	await expect(member.getByRole("heading", { name: "The server cannot be reached" })).toBeVisible();

	await platform.restart();
	await member.waitForURL(/\/deployments\/[0-9A-Z]{26}/, { timeout: 40_000 });
	await expect(member.getByRole("link", { name: "Open", exact: true })).toBeVisible({ timeout: 60_000 });
	expect(await deploymentsOf(platform, "kept")).toHaveLength(1);
	await member.goto(platform.url);
	await expect(member.getByRole("button", { name: "Deploy", exact: true })).toBeVisible();
	expect(await deploymentsOf(platform, "kept")).toHaveLength(1);
});

async function deploymentsOf(platform: Platform, project: string): Promise<DeploymentRow[]> {
	const response = await platform.fetch(`/api/deployments?project=${project}`);
	return ((await response.json()) as { deployments: DeploymentRow[] }).deployments;
}
