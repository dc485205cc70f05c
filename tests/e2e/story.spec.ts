import { percentile } from "../bench/figures.ts";
import { figuresOf, watchPage } from "../bench/ui/page-figures.ts";
import { signIn } from "../support/browser.ts";
import { followToEnd } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { builtBy } from "./projects.ts";
import { expectRing, expectStatus, ringOf, submitRepository } from "./screen.ts";

const colourful = builtBy(`process.stdout.write("\\u001b[32mgreen words\\u001b[0m and plain ones\\n");
let n = 0;
const timer = setInterval(() => {
	process.stdout.write("\\rloaded " + n * 10 + " %");
	if (n++ < 10) return console.log(n < 3 ? "" : "\\nGenerating static pages (" + n + "/10)");
	clearInterval(timer);
	process.stdout.write("\\rtide 50 %\\rtide 100 %\\nall there\\n");
}, 300);`);

/** A change of an agent's card, with the time at which it stood in the page. */
interface Card {
	agent: string;
	status: string;
	percent: string | null;
	at: number;
}

test("from submit to finish title, icon and cards tell the story as it happens, the live region is brief, and the log has its colours (U5, U12, U21, U25, R26, R27, R29, R221, R222, R225)", async ({
	page,
	platform,
	git,
}) => {
	await git.add("colourful", colourful);
	await page.addInitScript(() => {
		const heard: { at: number; text: string }[] = [];
		const [titles, newest] = [new Set<string>(), new Set<string>()];
		const cards: Card[] = [];
		Object.assign(window, { heard, titles, newest, cards });
		const lookAtCards = () => {
			for (const card of document.querySelectorAll<HTMLElement>("li[data-agent]")) {
				const { agent = "", status = "" } = card.dataset;
				const percent = card.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow") ?? null;
				const before = cards.findLast((seen) => seen.agent === agent);
				if (before?.status !== status || before.percent !== percent) cards.push({ agent, status, percent, at: Date.now() });
			}
		};
		addEventListener("DOMContentLoaded", () => {
			new MutationObserver(() => {
				lookAtCards();
				const text = document.querySelector("[data-announcer]")?.textContent ?? "";
				if (text !== "" && heard.at(-1)?.text !== text) heard.push({ at: performance.now(), text });
				titles.add(document.title);
				const line = [...document.querySelectorAll("[data-log-pane] [aria-label^='Link to line']")].at(-1);
				if (line?.ariaLabel) newest.add(line.ariaLabel);
			}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
		});
	});
	await watchPage(page);
	await signIn(page, platform);
	const id = await submitRepository(page, git.url("colourful"));
	await expect(page).toHaveTitle(/^● \d+ % .+ – colourful$/);
	const icon = () => page.locator('link[rel="icon"]').first().getAttribute("href");
	const running = await icon();
	const boxes = () =>
		page.locator("li[data-agent]").evaluateAll((all) =>
			all.map((card) => {
				const { x, y, width, height } = card.getBoundingClientRect();
				return [x, y + scrollY, width, height].map(Math.round);
			}),
		);
	const atFirst = await boxes();
	// Who works says so by a ring, by its word and by three dots that take turns.
	const tester = page.locator("li[data-agent=Tester][data-status=working]");
	await expect(tester).toBeVisible({ timeout: 60_000 });
	await expect(tester).toContainText(/Tester.*Working.*Builds and tests/);
	const dots = tester.locator(".animate-typing, [class*='animate-typing']");
	expect(await dots.evaluateAll((all) => all.map((dot) => getComputedStyle(dot).animationDelay))).toEqual(["0s", "0.15s", "0.3s"]);
	await expectRing(tester, "info");
	expect((await ringOf(page.locator("li[data-agent=Deployer]"))).opacity).toBe("0");
	await expectStatus(page, "succeeded");
	await expect(page).toHaveTitle("✓ Live – colourful");
	// Nothing has moved since the click, and every card lies where it lay.
	const { cls, moved } = await figuresOf(page);
	expect(cls, moved.join("\n")).toBeLessThanOrEqual(0.06);
	expect(await boxes()).toEqual(atFirst);
	expect(await icon()).not.toBe(running);

	const { heard, titles, newest, cards } = await page.evaluate(() => {
		const seen = window as unknown as { heard: { at: number; text: string }[]; titles: Set<string>; newest: Set<string>; cards: Card[] };
		return { heard: seen.heard, titles: [...seen.titles], newest: [...seen.newest], cards: seen.cards };
	});
	// A card's progress moves by its command's own figures.
	const percents = cards.filter(({ agent, percent }) => agent === "Tester" && percent !== null).map(({ percent }) => percent);
	expect(new Set(percents).size).toBeGreaterThanOrEqual(4);
	// What an agent is at stands on its card soon after the server said it: 500 ms, three times of it here.
	const events = await followToEnd(platform, id);
	const lags = cards.flatMap(({ agent, status, at }, index) => {
		const before = cards.slice(0, index).findLast((card) => card.agent === agent);
		// What was there when the page came was said before.
		if (!before || before.status === status) return [];
		const said = events.findLast(
			(event) =>
				event.type === "agent_status" &&
				event.agent_name === agent &&
				event.metadata.status === status &&
				Date.parse(event.timestamp) <= at,
		);
		return said ? [at - Date.parse(said.timestamp)] : [];
	});
	expect(lags.length).toBeGreaterThanOrEqual(5);
	expect(percentile(lags, 0.95)).toBeLessThanOrEqual(1500);
	// The log grew before somebody's eyes.
	expect(newest.length).toBeGreaterThanOrEqual(5);
	expect(heard.length).toBeGreaterThan(0);
	// One message in three seconds, give or take how late a busy machine paints.
	const gaps = heard.slice(1).map(({ at }, index) => at - (heard[index]?.at ?? 0));
	expect(gaps.filter((ms) => ms < 2000)).toEqual([]);
	expect(titles.some((title) => title.startsWith("● "))).toBe(true);

	const pane = page.locator("[data-log-pane]");
	const green = pane.getByText("green words", { exact: true });
	await expect(green).toBeVisible();
	expect(await green.evaluate((word) => getComputedStyle(word).color)).not.toBe(
		await pane.evaluate((element) => getComputedStyle(element).color),
	);
	await expect(pane.getByText("tide 100 %", { exact: true })).toHaveCount(1);
	await expect(pane.getByText("tide 50 %")).toHaveCount(0);
	await expect(pane).not.toContainText("[32m");
	// A region by its name that says nothing by itself.
	await expect(page.getByRole("region", { name: "Log", exact: true })).not.toHaveAttribute("aria-live", /./);
});
