import type { Page } from "@playwright/test";
import { signIn } from "../support/browser.ts";
import { openStoreOf, type WrittenDeployment, writeDeployment } from "../support/long-deployment.ts";
import { expect, test } from "./platform-test.ts";
import { copiedLog } from "./screen.ts";

const lines = 100_000;
const textOf = (n: number): string => `line ${n} of the build${n === 4_321 ? ": needle" : ""}`;

test("a deployment of 100,000 events opens with its newest lines; older ones come where one looks (U6, U8, U9, U10, U11)", async ({
	page,
	platform,
}) => {
	const store = await openStoreOf(platform);
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const written = await writeDeployment(store, user.id);
		await written.log(20, { stage: "clone", text: textOf });
		await written.log(lines - 20, { text: textOf });
		await signIn(page, platform);
		await test.step("opens at the end, with the right cards", () => opensAtTheEnd(page, platform.url, written));
		await test.step("older lines come in order", () => readsUpwards(page));
		await test.step("what is read stays where it is", () => staysWhereItIs(page, written));
		await test.step("a link leads to any line", () => followsALink(page));
		await test.step("search and stages cover the whole log", () => findsEverything(page, written));
		await test.step("events that are no log are all listed", () => listsEvents(page, written));
	} finally {
		await store.stop();
	}
});

async function opensAtTheEnd(page: Page, url: string, written: WrittenDeployment): Promise<void> {
	const asked: string[] = [];
	page.on("request", (request) => asked.push(request.url()));
	await page.goto(`${url}/deployments/${written.id}`);
	await expect(line(page, lines)).toBeVisible();
	for (const stage of ["clone", "analyze", "plan", "write"])
		await expect(page.locator(`li[data-stage="${stage}"]`)).toHaveAttribute("data-status", "succeeded");
	await expect(page.locator('li[data-stage="build"]')).toHaveAttribute("data-status", "running");
	for (const agent of ["Analyst", "Architect", "Developer"])
		await expect(page.locator(`li[data-agent="${agent}"]`)).toHaveAttribute("data-status", "done");
	await expect(page.locator('li[data-agent="Tester"]')).toHaveAttribute("data-status", "working");
	const progress = String(written.state().progress);
	await expect(page.getByRole("progressbar", { name: "Overall progress" })).toHaveAttribute("aria-valuenow", progress);
	// The newest came with the page; nothing but what lies right above them was asked for.
	const pages = asked.filter((address) => address.includes("/log/lines")).map((address) => new URL(address).searchParams.get("before"));
	expect(pages.filter((before) => before !== String(lines - 99))).toEqual([]);
}

async function readsUpwards(page: Page): Promise<void> {
	const seen = new Set<number>();
	await pane(page).hover();
	for (let oldest = lines; oldest > lines - 1_500; oldest = Math.min(...seen)) {
		await page.mouse.wheel(0, -2_000);
		const before = oldest;
		await expect.poll(async () => (await shown(page))[0]?.n).toBeLessThan(before);
		const now = await settled(page);
		expect(now.map(({ n }) => n)).toEqual(now.map((_, index) => (now[0]?.n ?? 0) + index));
		for (const { n, text } of now) {
			expect(text).toBe(textOf(n));
			seen.add(n);
		}
	}
}

async function staysWhereItIs(page: Page, written: WrittenDeployment): Promise<void> {
	const before = await settled(page);
	await written.log(500, { perEvent: 10, text: textOf });
	await expect(page.getByRole("button", { name: "Jump to latest (500 new)" })).toBeVisible();
	expect(await settled(page)).toEqual(before);
	await page.getByRole("button", { name: /^Jump to latest/ }).click();
	await expect(line(page, lines + 500)).toBeVisible();
	await written.log(1, { text: textOf });
	await expect(line(page, lines + 501)).toBeVisible();
}

async function followsALink(page: Page): Promise<void> {
	const address = new URL(page.url());
	address.searchParams.set("line", "50000");
	await page.goto(address.href);
	await expect(line(page, 50_000)).toBeInViewport();
	await expect(pane(page).getByText(textOf(50_000), { exact: true })).toBeInViewport();
	expect((await settled(page)).length).toBeGreaterThan(10);
}

async function findsEverything(page: Page, written: WrittenDeployment): Promise<void> {
	await page.getByLabel("Search the log").fill("needle");
	// A hundred thousand lines are fetched first.
	await expect(page.getByText("1 of 1", { exact: true })).toBeVisible({ timeout: 40_000 });
	await page.getByLabel("Search the log").press("Enter");
	await expect(line(page, 4_321)).toBeInViewport();
	await page.getByLabel("Search the log").fill("haystack");
	await expect(page.getByText("No match", { exact: true })).toBeVisible();
	await page.getByLabel("Search the log").fill("");

	await page.getByLabel("Show the log of").selectOption("clone");
	await expect(line(page, 20)).toBeVisible();
	expect((await settled(page)).map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
	await page.getByLabel("Show the log of").selectOption("");
	const whole = Array.from({ length: written.state().logLines }, (_, index) => textOf(index + 1));
	expect(await copiedLog(page)).toEqual(whole);
}

async function listsEvents(page: Page, written: WrittenDeployment): Promise<void> {
	await page.getByRole("tab", { name: "Events" }).click();
	const rows = page.getByRole("tabpanel").getByRole("listitem");
	await expect(rows).toHaveCount(14);
	await written.append([{ type: "system", content: "One more thing.", metadata: { message_type: "info" } }]);
	await expect(rows).toHaveCount(15);
	await expect(rows.first()).toContainText("One more thing.");
	await expect(rows.last()).toContainText("#1");
}

const pane = (page: Page) => page.locator("[data-log-pane]");
const line = (page: Page, n: number) => page.getByRole("link", { name: `Link to line ${n}`, exact: true });

interface ShownLine {
	n: number;
	text: string;
	top: number;
}

/** The lines in view, from top to bottom; lines that have not come are left out. */
function shown(page: Page): Promise<ShownLine[]> {
	return pane(page).evaluate((element) => {
		const view = element.getBoundingClientRect();
		const links = [...element.querySelectorAll('a[aria-label^="Link to line"]')];
		return links
			.map((link) => {
				const { top, bottom } = link.getBoundingClientRect();
				return { n: Number(link.textContent), text: link.nextElementSibling?.textContent ?? "", top, bottom };
			})
			.filter(({ top, bottom }) => bottom > view.top && top < view.bottom)
			.sort((a, b) => a.top - b.top)
			.map(({ n, text, top }) => ({ n, text, top: Math.round(top - view.top) }));
	});
}

/** The same once every line in view has come and nothing moves any more. */
async function settled(page: Page): Promise<ShownLine[]> {
	let last: ShownLine[] = [];
	await expect
		.poll(async () => {
			const before = JSON.stringify(last);
			last = await shown(page);
			return last.length > 0 && JSON.stringify(last) === before && (await pane(page).locator("[data-awaited]").count()) === 0;
		})
		.toBe(true);
	return last;
}
