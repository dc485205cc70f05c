import { setTimeout as delay } from "node:timers/promises";
import type { CDPSession } from "@playwright/test";
import { launchBrowser, signIn } from "../support/browser.ts";
import { openStoreOf, type WrittenDeployment, writeDeployment } from "../support/long-deployment.ts";
import { startPlatform } from "../support/platform.ts";
import { say } from "./figures.ts";

/** A build that talks: so many lines and changes of an agent in a minute. */
const linesPerMinute = 1200;
const changesPerMinute = 60;
const minutes = 30;
/** A minute's events are written in this time: a half-hour takes 45 s, and the page has as much to show as in the whole of it. */
const minuteMs = 1500;

/** What a tab keeps that watches a deployment for half an hour, with the half-hour's events in less time. */
export async function measure(): Promise<void> {
	const platform = await startPlatform();
	const store = await openStoreOf(platform);
	const browser = await launchBrowser();
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const written = await writeDeployment(store, user.id);
		const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
		await signIn(page, platform);
		await page.goto(`${platform.url}/deployments/${written.id}`);
		const session = await page.context().newCDPSession(page);
		const shown = (line: number) => page.getByLabel(`Link to line ${line}`, { exact: true }).waitFor({ timeout: 30_000 });
		await liveMinute(written);
		await shown(linesPerMinute);
		const first = await weigh(session);
		for (let minute = 1; minute < minutes; minute++) await liveMinute(written);
		await shown(minutes * linesPerMinute);
		const last = await weigh(session);
		const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
		say(`heap of a tab after a minute of ${linesPerMinute} lines`, mb(first.heap));
		say(`  after ${minutes} of them, written in ${(minutes * minuteMs) / 1000} s`, mb(last.heap));
		say("  ÷ that of the first", (last.heap / first.heap).toFixed(2), "≤ 1.5");
		say("  nodes of the page, first and last", `${first.nodes} → ${last.nodes}`);
	} finally {
		await browser.close();
		await store.stop();
		await platform.stop();
	}
}

async function liveMinute(written: WrittenDeployment): Promise<void> {
	const began = performance.now();
	for (let change = 0; change < changesPerMinute; change++) {
		await written.log(linesPerMinute / changesPerMinute, { perEvent: 20 });
		const task = `Step ${change}`;
		await written.append([
			{ type: "agent_status", agent_name: "Tester", content: task, metadata: { status: "working", task, progress: null } },
		]);
		await delay(Math.max(0, began + ((change + 1) * minuteMs) / changesPerMinute - performance.now()));
	}
}

/** What is still held once everything that nobody needs is gone. */
async function weigh(session: CDPSession): Promise<{ heap: number; nodes: number }> {
	for (let round = 0; round < 3; round++) await session.send("HeapProfiler.collectGarbage");
	const { usedSize } = await session.send("Runtime.getHeapUsage");
	const { nodes } = await session.send("Memory.getDOMCounters");
	return { heap: usedSize, nodes };
}
