import type { Page } from "@playwright/test";
import { launchBrowser, signIn } from "../support/browser.ts";
import { startGitServer } from "../support/git-server.ts";
import { startPlatform } from "../support/platform.ts";
import { sayDistribution } from "./figures.ts";

const rounds = 20;

/** Click on Deploy → "Cloning repository…" painted, in Chromium, measured inside the page. */
export async function measure(): Promise<void> {
	const git = await startGitServer({ fixtures: ["static"] });
	const platform = await startPlatform();
	const browser = await launchBrowser();
	try {
		const page = await browser.newPage();
		await page.addInitScript(watchForPaint);
		await signIn(page, platform);
		const samples: number[] = [];
		for (let round = 0; round < rounds; round++) {
			await page.goto(platform.url);
			await page.getByLabel("Repository", { exact: true }).fill(git.url("static"));
			await page.getByRole("button", { name: "Deploy", exact: true }).click();
			samples.push(await paintedAfterMs(page));
			await page.waitForURL(/\/deployments\//);
		}
		sayDistribution('click → "Cloning repository…" painted', samples, "≤ 100 ms");
	} finally {
		await browser.close();
		await platform.stop();
		await git.stop();
	}
}

async function paintedAfterMs(page: Page): Promise<number> {
	const handle = await page.waitForFunction(() => (window as { paintedAfterMs?: number }).paintedAfterMs, null, { timeout: 10_000 });
	return Number(await handle.jsonValue());
}

/** Runs in the page, before its own scripts. What is posted from an animation frame arrives after that frame was painted. */
function watchForPaint(): void {
	const host = window as { paintedAfterMs?: number };
	let clickedAt = 0;
	document.addEventListener(
		"click",
		() => {
			if (clickedAt > 0) return;
			clickedAt = performance.now();
			new MutationObserver((_, observer) => {
				if (!document.body.textContent?.includes("Cloning repository…")) return;
				observer.disconnect();
				requestAnimationFrame(() => {
					const { port1, port2 } = new MessageChannel();
					port1.onmessage = () => {
						host.paintedAfterMs = performance.now() - clickedAt;
					};
					port2.postMessage(null);
				});
			}).observe(document.body, { childList: true, subtree: true, characterData: true });
		},
		{ capture: true },
	);
}
