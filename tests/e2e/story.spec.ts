import { signIn } from "../support/browser.ts";
import { expect, test } from "./platform-test.ts";
import { builtBy } from "./projects.ts";
import { expectStatus, submitRepository } from "./screen.ts";

const colourful = builtBy(`process.stdout.write("\\u001b[32mgreen words\\u001b[0m and plain ones\\n");
let n = 0;
const timer = setInterval(() => {
	process.stdout.write("\\rloaded " + n * 10 + " %");
	if (n++ < 10) return console.log(n < 3 ? "" : "\\nstep " + n);
	clearInterval(timer);
	process.stdout.write("\\rtide 50 %\\rtide 100 %\\nall there\\n");
}, 300);`);

test("from submit to finish the title and the icon tell the story, the live region is brief, and the log has its colours (U12, U21, U25, R29, R221, R222, R225)", async ({
	page,
	platform,
	git,
}) => {
	await git.add("colourful", colourful);
	await page.addInitScript(() => {
		const heard: { at: number; text: string }[] = [];
		const [titles, newest] = [new Set<string>(), new Set<string>()];
		Object.assign(window, { heard, titles, newest });
		addEventListener("DOMContentLoaded", () => {
			new MutationObserver(() => {
				const text = document.querySelector("[data-announcer]")?.textContent ?? "";
				if (text !== "" && heard.at(-1)?.text !== text) heard.push({ at: performance.now(), text });
				titles.add(document.title);
				const line = [...document.querySelectorAll("[data-log-pane] [aria-label^='Link to line']")].at(-1);
				if (line?.ariaLabel) newest.add(line.ariaLabel);
			}).observe(document, { subtree: true, childList: true, characterData: true });
		});
	});
	await signIn(page, platform);
	await submitRepository(page, git.url("colourful"));
	await expect(page).toHaveTitle(/^● \d+ % .+ – colourful$/);
	const icon = () => page.locator('link[rel="icon"]').first().getAttribute("href");
	const running = await icon();
	// Who works says so by a ring, by its word and by three dots that take turns.
	const tester = page.locator("li[data-agent=Tester][data-status=working]");
	await expect(tester).toBeVisible({ timeout: 60_000 });
	await expect(tester).toContainText(/Tester.*Working.*Builds and tests/);
	const dots = tester.locator(".animate-typing, [class*='animate-typing']");
	expect(await dots.evaluateAll((all) => all.map((dot) => getComputedStyle(dot).animationDelay))).toEqual(["0s", "0.15s", "0.3s"]);
	const ring = await tester.evaluate((card) => [getComputedStyle(card).boxShadow, getComputedStyle(card).borderTopColor]);
	const idle = await page
		.locator("li[data-agent=Deployer]")
		.evaluate((card) => [getComputedStyle(card).boxShadow, getComputedStyle(card).borderTopColor]);
	expect(ring[0]).not.toBe(idle[0]);
	expect(ring[1]).not.toBe(idle[1]);
	await expectStatus(page, "succeeded");
	await expect(page).toHaveTitle("✓ Live – colourful");
	expect(await icon()).not.toBe(running);

	const { heard, titles, newest } = await page.evaluate(() => {
		const seen = window as unknown as { heard: { at: number; text: string }[]; titles: Set<string>; newest: Set<string> };
		return { heard: seen.heard, titles: [...seen.titles], newest: [...seen.newest] };
	});
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
