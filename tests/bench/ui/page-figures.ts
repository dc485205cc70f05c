import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";

/** What the page measured of itself. Times are in ms since the navigation began. */
export interface PageFigures {
	/** Painted for the first time: the cards as they should be, and the newest line of the log. */
	cardsMs: number | null;
	newestMs: number | null;
	lcpMs: number;
	/** Sum of all layout shifts that nobody's input caused. */
	cls: number;
	/** What moved, for those who look for the cause. */
	moved: string[];
	/** Duration of each interaction, from the input to the paint that answers it. */
	interactions: number[];
}

/** Of the Layout Instability API, which TypeScript does not know. */
interface LayoutShift extends PerformanceEntry {
	value: number;
	hadRecentInput: boolean;
	sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

declare global {
	interface Window {
		figures: PageFigures;
	}
}

/** Measures on every page that is loaded from now on. `newest` is the number of the line that is waited for. */
export async function watchPage(page: Page, newest = 0): Promise<void> {
	await page.addInitScript((newestLine) => {
		const figures: PageFigures = { cardsMs: null, newestMs: null, lcpMs: 0, cls: 0, moved: [], interactions: [] };
		window.figures = figures;
		const observe = (type: string, take: (entry: PerformanceEntry) => void, more: object = {}) =>
			new PerformanceObserver((list) => list.getEntries().forEach((entry) => void take(entry))).observe({ type, buffered: true, ...more });
		observe("largest-contentful-paint", ({ startTime }) => (figures.lcpMs = startTime));
		observe("layout-shift", (entry) => {
			const { value, hadRecentInput, sources } = entry as LayoutShift;
			if (hadRecentInput) return;
			figures.cls += value;
			const what = sources.map(
				({ node, previousRect: { top: from }, currentRect: { top: to } }) =>
					`${node?.nodeName} ${node?.textContent?.slice(0, 40)} ${from} → ${to}`,
			);
			figures.moved.push(`${value.toFixed(4)} ${what.join(" | ")}`);
		});
		const longest = new Map<number, number>();
		const takeEvent = (entry: PerformanceEntry) => {
			const { interactionId } = entry as PerformanceEntry & { interactionId: number };
			if (!interactionId) return;
			longest.set(interactionId, Math.max(longest.get(interactionId) ?? 0, entry.duration));
			figures.interactions = [...longest.values()];
		};
		observe("event", takeEvent, { durationThreshold: 16 });

		// What an animation frame finds in the page was painted by the one before, or is in this one.
		function look(): void {
			const count = (selector: string): number => document.querySelectorAll(selector).length;
			const stages = count('li[data-stage][data-status="succeeded"]') === 4 && count('li[data-stage="build"][data-status="running"]') === 1;
			const agents = count('li[data-agent][data-status="done"]') === 3 && count('li[data-agent="Tester"][data-status="working"]') === 1;
			if (stages && agents) figures.cardsMs ??= performance.now();
			if (document.querySelector(`[aria-label="Link to line ${newestLine}"]`)) figures.newestMs ??= performance.now();
			if (figures.cardsMs === null || figures.newestMs === null) requestAnimationFrame(look);
		}
		if (newestLine > 0) requestAnimationFrame(look);
	}, newest);
}

export const figuresOf = (page: Page): Promise<PageFigures> => page.evaluate(() => window.figures);

/** Frames a second while the log is scrolled from its end to its beginning, so many pixels a frame, for at most `forMs`. */
export function scrollFps(page: Page, { pxPerFrame, forMs }: { pxPerFrame: number; forMs: number }): Promise<number> {
	return page.evaluate(
		({ pxPerFrame, forMs }) =>
			new Promise<number>((resolve) => {
				const pane = document.querySelector("[data-log-pane]");
				if (!pane) throw new Error("no log");
				pane.scrollTop = pane.scrollHeight;
				let frames = 0;
				let began = 0;
				function step(now: number): void {
					if (!pane) return;
					began ||= now;
					if (now - began >= forMs || (frames > 0 && pane.scrollTop === 0)) {
						resolve((frames / (now - began)) * 1000);
					} else {
						frames++;
						pane.scrollTop -= pxPerFrame;
						requestAnimationFrame(step);
					}
				}
				requestAnimationFrame(step);
			}),
		{ pxPerFrame, forMs },
	);
}

/** Gzipped size of the scripts that a page names in its HTML, and of all that it has loaded once it is quiet, in KB. */
export async function scriptsOf(page: Page, url: string): Promise<{ firstKb: number; allKb: number }> {
	const sizes = new Map<string, Promise<number>>();
	page.on("response", (response) => {
		if (response.request().resourceType() === "script" && response.ok())
			sizes.set(
				new URL(response.url()).pathname,
				response.body().then((body) => gzipSync(body).byteLength),
			);
	});
	const html = (await (await page.goto(url))?.text()) ?? "";
	await page.waitForLoadState("networkidle");
	const named = new Set([...html.matchAll(/<(?:script|link)[^>]*?(?:src|href)="([^"?]+\.js)/g)].map(([, path]) => path));
	let first = 0;
	let all = 0;
	for (const [path, size] of sizes) {
		all += await size;
		if (named.has(path)) first += await size;
	}
	return { firstKb: first / 1024, allKb: all / 1024 };
}
