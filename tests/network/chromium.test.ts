import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TransportKind } from "#lib/live/transports/transport.ts";
import type { EventDraft } from "#lib/protocol/index.ts";
import { type LiveServer, startLiveServer } from "#tests/server/live/live-server.ts";
import { launchBrowser } from "#tests/support/browser.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { faultCases, type NetworkCase, proxyCases } from "./cases.ts";
import { servePage } from "./page.ts";
import { proxies } from "./proxies.ts";
import { findProxy } from "./proxy.ts";
import { type Outcome, openWay, type Way } from "./run-case.ts";
import { limitsAt, timingsAt } from "./scale.ts";
import { logOf, story } from "./story.ts";
import { printLine, tableOf } from "./table.ts";

const names = [
	"nginx, plain proxy_pass",
	"nginx, HTTP 1.1 and the Upgrade map",
	"nginx, X-Accel-Buffering ignored",
	"haproxy, Upgrade denied",
	"haproxy, tarpit for Upgrade",
	"varnish, do_stream=false",
	"caddy, encode gzip, no WebSocket",
	"101, then silence",
];
const cases = [...proxyCases, ...faultCases].filter(({ name }) => names.includes(name));
const beatMs = 100;
const settlesWithinMs = 60_000;
/** A browser beside a proxy takes its time for what the server says at once: no faster than this, or a transport that works is found bad. */
const scale = 2;

let database: TestDatabase;
let server: LiveServer;
let browser: Browser;
const outcomes: Outcome[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({ streams: database.streams, limits: limitsAt(scale), page: await servePage() });
	browser = await launchBrowser();
});
afterAll(async () => {
	if (outcomes.length > 0) printLine(tableOf(outcomes));
	await browser?.close();
	await server?.stop();
	await database?.stop();
});

/** A page of its own that watches the stream through the network. */
async function openPage(way: Way, id: string): Promise<Page> {
	const context = await browser.newContext();
	await context.addCookies([{ name: "token", value: id, url: way.origin }]);
	const page = await context.newPage();
	const query = new URLSearchParams({ stream: `deployment/${id}`, timings: JSON.stringify(timingsAt(scale)) });
	await page.goto(`${way.origin}/watch?${query}`);
	return page;
}

test("has all of its cases", () => {
	expect(cases.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

test.for(cases)("$name: Chromium shows the log, over $settles at the end", { timeout: 90_000 }, async (testCase, context) => {
	const { expect } = context;
	const program = programOf(testCase);
	if (program && !(await findProxy(program))) context.skip(`${program} is not installed on this machine`);
	const id = `P${cases.indexOf(testCase)}`;
	const stream = `deployment/${id}`;
	const { streams } = database;
	const append = (...drafts: EventDraft[]) => streams.write((writer) => writer.append(stream, drafts));
	const way = await openWay(testCase, server.port, scale);
	try {
		server.origins.add(way.origin);
		await append(...story.opening(id));
		const page = await openPage(way, id);
		const said = () => page.evaluate(() => ({ ...document.body.dataset }));
		// What a proxy collects until its buffer is full must not fill it here.
		const pace = testCase.sparse ? { lines: 5, ms: 5000 / scale } : { lines: 30, ms: beatMs };
		const until = performance.now() + settlesWithinMs;
		const isSettled = async () => [testCase.settles, testCase.orElse].includes((await said()).transport as TransportKind);
		for (let line = 1; line < pace.lines || (performance.now() < until && !(await isSettled())); line++) {
			await append(story.lines(line, 1));
			await delay(pace.ms);
		}
		expect([testCase.settles, testCase.orElse]).toContain((await said()).transport);
		await append(...story.ending());
		await streams.write((writer) => writer.close(stream));
		await page.waitForFunction(() => document.body.dataset.ended !== undefined, null, { timeout: 15_000 });

		const log = await logOf(streams, stream);
		const screen = await page.locator("li").allTextContents();
		const { first, latest, transport, problem } = await said();
		expect(screen).toEqual(log.map((event) => `${event.seq} ${event.id} ${event.content}`));
		expect(problem).toBeUndefined();
		expect([testCase.settles, testCase.orElse]).toContain(transport);
		outcomes.push({
			...{ name: testCase.name, scale, firstMs: Number(first), latestMs: Number(latest), recoveriesMs: [], losses: 0, problems: [] },
			...{ transports: [transport as TransportKind], written: log.length, delivered: screen.length },
		});
		await page.context().close();
	} finally {
		await way.stop();
	}
});

function programOf({ way }: NetworkCase): string | null {
	return "proxy" in way ? proxies[way.proxy].program : null;
}
