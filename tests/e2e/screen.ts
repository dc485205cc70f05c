import { expect, type Locator, type Page } from "@playwright/test";

/** What the page looked like over time, as it saw itself. */
export interface Recording {
	/** Milliseconds from the last click to the first frame with "Cloning repository…" in it; null when it never came. */
	paintedMs: number | null;
	/** True when, after the click, neither the answer to it nor a deployment was on the screen at some moment. */
	wasBare: boolean;
	/** Values of the overall progress bar, each as it came, with the deployment's status at that moment. */
	progress: { value: number; status: string }[];
	/** Longest time in which nothing that people can read changed while a deployment was under way. */
	longestStillMs: number;
}

declare global {
	interface Window {
		recording: Recording;
	}
}

/** Begins to record on every page that is loaded from now on; a move inside the app goes on with the same recording. */
export async function record(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const recording: Recording = { paintedMs: null, wasBare: false, progress: [], longestStillMs: 0 };
		window.recording = recording;
		let clickedAt: number | null = null;
		let text = "";
		let changedAt: number | null = null;
		addEventListener("click", () => (clickedAt = performance.now()), { capture: true });

		function look(): void {
			const article = document.querySelector<HTMLElement>("article[data-run-id]");
			const status = article?.dataset.status ?? "";
			if (clickedAt !== null && !article && !document.querySelector("[data-optimistic]")) recording.wasBare = true;
			if (
				clickedAt !== null &&
				recording.paintedMs === null &&
				document.querySelector("main")?.textContent.includes("Cloning repository…")
			) {
				const since = clickedAt;
				requestAnimationFrame(() => (recording.paintedMs ??= performance.now() - since));
			}
			const bar = document.querySelector('[role="progressbar"][aria-label="Overall progress"]');
			const value = Number(bar?.getAttribute("aria-valuenow"));
			if (bar && recording.progress.at(-1)?.value !== value) recording.progress.push({ value, status });
			lookAtText(status === "queued" || status === "running");
		}

		function lookAtText(underWay: boolean): void {
			const now = performance.now();
			const shown = document.querySelector("main")?.textContent ?? "";
			if (underWay && changedAt !== null) recording.longestStillMs = Math.max(recording.longestStillMs, now - changedAt);
			if (shown !== text || !underWay) changedAt = now;
			text = shown;
		}

		document.addEventListener("DOMContentLoaded", () => {
			// The answer to the click is rendered in the task of the click, so that a look at each change misses nothing.
			new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
			setInterval(look, 250);
		});
	});
}

export function recordingOf(page: Page): Promise<Recording> {
	return page.evaluate(() => window.recording);
}

/** What a deployment's page says: everything that may not differ between two people who look at it. */
export async function truthOf(page: Page): Promise<object> {
	const article = page.locator("article[data-run-id]");
	await expect(page.locator("[data-log-pane] [aria-label^='Link to line']").last()).toBeVisible();
	return {
		runId: await article.getAttribute("data-run-id"),
		status: await article.getAttribute("data-status"),
		stages: await page
			.locator("li[data-stage]")
			.evaluateAll((items) =>
				items.map(
					(item) => `${item.getAttribute("data-stage")} ${item.getAttribute("data-status")} ${item.querySelector("button")?.title}`,
				),
			),
		agents: await page.locator("li[data-agent]").evaluateAll((items) => items.map((item) => item.textContent)),
		progress: await page.getByRole("progressbar", { name: "Overall progress" }).getAttribute("aria-valuenow"),
		log: await copiedLog(page),
		title: await page.title(),
	};
}

/** The whole log as "Copy the log" gives it, over all virtual rows. */
export async function copiedLog(page: Page): Promise<string[]> {
	await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	await page.getByRole("button", { name: "Copy the log" }).click();
	const text = await page.evaluate(() => navigator.clipboard.readText());
	return text.split("\n");
}

/** Submits a repository on the first page and waits for its deployment's page. Answers the deployment's id. */
export async function submitRepository(page: Page, url: string): Promise<string> {
	await page.getByLabel("Repository", { exact: true }).fill(url);
	await page.getByRole("button", { name: "Deploy", exact: true }).click();
	await page.waitForURL(/\/deployments\/[0-9A-Z]{26}/);
	return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** The page's deployment, once it has the status. */
export async function expectStatus(page: Page, status: string, timeout = 60_000): Promise<void> {
	await expect(page.locator("article[data-run-id]")).toHaveAttribute("data-status", status, { timeout });
}

/** Words that belong into a log and nowhere else. */
const forbidden =
	/\bat \w+ \(|\bE(?:CONN|NOENT|PIPE|ACCES)\w*|\bundefined\b|\bNaN\b|\[object |\{"|\bnull\b|\/(?:tmp|var|work|home|root)\/|\b(?:Type|Reference|Syntax|Range)Error\b|\bHTTP \d{3}\b|\bstack trace\b/;

/** No stack, path, exception, HTTP code or JSON is on the page, logs left aside. */
export async function expectPlainWords(page: Page): Promise<void> {
	const words = await page.evaluate(() => {
		const skipped = "[data-log-pane], pre, code, script, style, textarea";
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		const said: string[] = [];
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const parent = node.parentElement;
			if (parent && !parent.closest(skipped) && parent.checkVisibility()) said.push(node.textContent ?? "");
		}
		return said.join(" ");
	});
	expect(words).not.toMatch(forbidden);
}

/** The ring around an agent's card, as it is painted. */
export function ringOf(card: Locator): Promise<{ opacity: string; colour: string; property: string; duration: string }> {
	return card.evaluate((element) => {
		const ring = getComputedStyle(element, "::after");
		return { opacity: ring.opacity, colour: ring.borderTopColor, property: ring.transitionProperty, duration: ring.transitionDuration };
	});
}

/** The card wears a ring of this token's colour, and nothing but its opacity moves, for 300 ms. */
export async function expectRing(card: Locator, tone: "info" | "danger"): Promise<void> {
	const colour = await card.evaluate((element, token) => {
		const probe = element.appendChild(document.createElement("i"));
		probe.style.color = `var(--${token})`;
		const computed = getComputedStyle(probe).color;
		probe.remove();
		return computed;
	}, tone);
	await expect.poll(() => ringOf(card)).toEqual({ opacity: "1", colour, property: "opacity", duration: "0.3s" });
}
