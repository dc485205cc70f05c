import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "@playwright/test";
import { launchBrowser, signIn } from "../support/browser.ts";
import { startGitServer } from "../support/git-server.ts";
import { openStoreOf, type WrittenDeployment, writeDeployment } from "../support/long-deployment.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { median, ms, percentile, say } from "./figures.ts";
import { figuresOf, scriptsOf, scrollFps, watchPage } from "./ui/page-figures.ts";

const runs = 5;
const events = 100_000;
const patience = { timeout: 10_000 };
const longLines = 200_000;
/** As developer tools call it: 9 Mbit/s down, 1.5 up, 60 ms, with the factors that make it what people have. */
const fast4g = { offline: false, latency: 60 * 2.75, downloadThroughput: (9e6 * 0.9) / 8, uploadThroughput: (1.5e6 * 0.9) / 8 };

/** What people feel of the pages, in Chromium against the production server, with deployments written straight into its database. */
export async function measure(): Promise<void> {
	const git = await startGitServer({ fixtures: ["static"] });
	const platform = await startPlatform();
	const store = await openStoreOf(platform);
	const browser = await launchBrowser();
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const many = await writeDeployment(store, user.id);
		await many.log(events);
		const long = await writeDeployment(store, user.id);
		await long.log(longLines, { perEvent: 100 });
		const parts = [
			() => opening(browser, platform, many),
			() => scrolling(browser, platform, long),
			() => answering(browser, platform, long),
			() => loading(browser, platform, many),
			() => shifting(browser, platform, git.url("static")),
		];
		// One that fails takes no other's figures with it.
		const failures: unknown[] = [];
		for (const part of parts) await part().catch((error: unknown) => failures.push(error));
		if (failures.length > 0) throw new AggregateError(failures, `${failures.length} parts failed: ${failures.join("; ")}`);
	} finally {
		await browser.close();
		await store.stop();
		await platform.stop();
		await git.stop();
	}
}

const addressOf = (platform: Platform, { id }: WrittenDeployment): string => `${platform.url}/deployments/${id}`;

async function signedIn(browser: Browser, platform: Platform, newest = 0): Promise<Page> {
	const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
	await watchPage(page, newest);
	await signIn(page, platform);
	return page;
}

async function opening(browser: Browser, platform: Platform, many: WrittenDeployment): Promise<void> {
	const page = await signedIn(browser, platform, events);
	const cards: number[] = [];
	const newest: number[] = [];
	const answers: number[] = [];
	for (let run = 0; run <= runs; run++) {
		const began = performance.now();
		await (await platform.fetch(`/api/deployments/${many.id}`)).json();
		const answeredMs = performance.now() - began;
		await page.goto(addressOf(platform, many));
		await page.waitForFunction(() => window.figures.cardsMs !== null && window.figures.newestMs !== null, null, patience);
		const { cardsMs, newestMs } = await figuresOf(page);
		// The first run fills the caches of the browser and of the server.
		if (run === 0) continue;
		answers.push(answeredMs);
		cards.push(cardsMs ?? Number.NaN);
		newest.push(newestMs ?? Number.NaN);
	}
	say(`deployment of ${events} events opened → right cards, median of ${runs}`, ms(median(cards)), "≤ 1 s (aim 300 ms)");
	say(`  → newest line of its log, median of ${runs}`, ms(median(newest)), "≤ 1 s (aim 300 ms)");
	say(`  its state from the server, median of ${runs}`, ms(median(answers)));
	await page.context().close();
}

async function scrolling(browser: Browser, platform: Platform, long: WrittenDeployment): Promise<void> {
	const page = await signedIn(browser, platform, longLines);
	await page.goto(addressOf(platform, long));
	await page.waitForFunction(() => window.figures.newestMs !== null, null, patience);
	say("log of 200,000 lines scrolled, lines fetched on the way", `${(await scrollFps(page, reading)).toFixed(1)} fps`, "≥ 50 fps");
	await page.getByLabel("Search the log").fill("button-7/");
	await page.getByText("1 of 1", { exact: true }).waitFor();
	await page.getByLabel("Search the log").fill("");
	say("  the same with every line there", `${(await scrollFps(page, reading)).toFixed(1)} fps`, "≥ 50 fps");
	say("  flung from end to beginning", `${(await scrollFps(page, { pxPerFrame: 20_000, forMs: 5_000 })).toFixed(1)} fps`, "≥ 50 fps");
	const rows = await page.locator("[data-log-pane] [data-index]").count();
	say("  rows in the document", String(rows), "< 200");
	await page.context().close();
}

const reading = { pxPerFrame: 120, forMs: 4_000 };

async function answering(browser: Browser, platform: Platform, long: WrittenDeployment): Promise<void> {
	const page = await signedIn(browser, platform, longLines);
	await page.goto(addressOf(platform, long));
	await page.waitForFunction(() => window.figures.newestMs !== null, null, patience);
	let printing = true;
	const lines = (async () => {
		const began = performance.now();
		for (let printed = 0; printing; printed += 100) {
			await long.log(100, { perEvent: 100 });
			await delay(Math.max(0, began + printed + 100 - performance.now()));
		}
	})();
	for (let click = 0; click < 12; click++) {
		await page.getByRole("button", { name: "Show times" }).click();
		await delay(100);
	}
	await page.getByRole("tab", { name: "Events" }).click();
	await page.getByRole("tab", { name: "Logs" }).click();
	await page.getByLabel("Search the log").pressSequentially("button-7", { delay: 100 });
	printing = false;
	await lines;
	const { interactions } = await figuresOf(page);
	say(`click or key → painted, 1,000 lines/s, p98 of ${interactions.length}`, ms(percentile(interactions, 0.98)), "≤ 100 ms");
	say("  median", ms(median(interactions)));
	await page.context().close();
}

async function loading(browser: Browser, platform: Platform, many: WrittenDeployment): Promise<void> {
	for (const [name, url] of [
		["/", platform.url],
		["deployment page", addressOf(platform, many)],
	] as const) {
		const page = await signedIn(browser, platform);
		const { firstKb, allKb } = await scriptsOf(page, url);
		say(`scripts of ${name} at its first load, gzipped`, `${firstKb.toFixed(0)} KB`, "≤ 220 KB");
		say("  with what is loaded behind it", `${allKb.toFixed(0)} KB`);
		const session = await page.context().newCDPSession(page);
		await session.send("Network.enable");
		await session.send("Network.setCacheDisabled", { cacheDisabled: true });
		await session.send("Network.emulateNetworkConditions", fast4g);
		await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
		const samples: number[] = [];
		for (let run = 0; run < 3; run++) {
			await page.goto(url);
			await page.waitForLoadState("networkidle");
			samples.push((await figuresOf(page)).lcpMs);
		}
		say(`  LCP, processor ÷ 4, fast 4G, median of ${samples.length}`, ms(median(samples)), "≤ 2 s");
		await page.context().close();
	}
}

async function shifting(browser: Browser, platform: Platform, repository: string): Promise<void> {
	const page = await signedIn(browser, platform);
	await page.getByLabel("Repository", { exact: true }).fill(repository);
	await page.getByRole("button", { name: "Deploy", exact: true }).click();
	await page.locator('article[data-status="succeeded"]').waitFor({ timeout: 60_000 });
	say("layout shift from submit to finished", (await figuresOf(page)).cls.toFixed(4), "≤ 0.02");
	await page.context().close();
}
