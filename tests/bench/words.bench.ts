import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { launchBrowser, signIn } from "../support/browser.ts";
import { followToEnd, submit } from "../support/deployments.ts";
import { type Reply, startModelServer } from "../support/model-server.ts";
import { startPlatform } from "../support/platform.ts";
import { setUpModel } from "../support/scripted-model.ts";
import { sayDistribution } from "./figures.ts";

const deployments = 8;
const tokens = 20;
const everyMs = 50;

/** A word of a model, by the time at which it was on the wire, and what passed until it was in the document. */
type Seen = [wordMs: number, tookMs: number];

/** How long a word of a model takes from the wire of its provider to the screen, in Chromium against the production server. */
export async function measure(): Promise<void> {
	const model = await startModelServer();
	model.reply(timed);
	const platform = await startPlatform();
	const browser = await launchBrowser();
	try {
		await setUpModel(platform, model.url.replace(/\/v1$/, ""));
		const page = await browser.newPage();
		await watch(page);
		await signIn(page, platform);
		const first: number[] = [];
		const all: number[] = [];
		for (let run = 0; run <= deployments; run++) {
			const { id } = await submit(platform, "example:static-site");
			await page.goto(`${platform.url}/deployments/${id}?tab=conversation`);
			await followToEnd(platform, id);
			const seen = await page.evaluate(() => (window as unknown as { seen: Seen[] }).seen);
			// The first run warms up; a message that had begun before the page was there is left out.
			if (run === 0) continue;
			for (const [index, [word, took]] of seen.entries()) {
				all.push(took);
				const before = seen[index - 1];
				if (before && word - before[0] > 4 * everyMs) first.push(took);
			}
		}
		sayDistribution("first word on the wire → on the screen", first, "≤ 100 ms");
		sayDistribution("every word", all);
	} finally {
		await browser.close();
		await platform.stop();
		await model.stop();
	}
}

/** An answer whose words are the times at which they were sent. */
const timed: Reply = async (response) => {
	const send = (delta: object, finish: string | null = null) =>
		response.write(
			`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
		);
	response.writeHead(200, { "content-type": "text/event-stream" });
	send({ content: '{"message":"' });
	for (let n = 0; n < tokens; n++) {
		await sleep(n === 0 ? 5 * everyMs : everyMs);
		send({ content: `${Date.now()} ` });
	}
	send({ content: '"}' });
	send({}, "stop");
	response.end("data: [DONE]\n\n");
};

/** Notes every word when it is in the document for the first time. */
async function watch(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const seen: Seen[] = [];
		const known = new Set<string>();
		Object.assign(window, { seen });
		document.addEventListener("DOMContentLoaded", () => {
			new MutationObserver(() => {
				const now = Date.now();
				for (const word of document.querySelector("[data-growing]")?.textContent?.match(/\d{13}/g) ?? []) {
					if (known.has(word)) continue;
					known.add(word);
					seen.push([Number(word), now - Number(word)]);
				}
			}).observe(document.body, { subtree: true, childList: true, characterData: true });
		});
	});
}
