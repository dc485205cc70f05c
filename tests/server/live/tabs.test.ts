import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { LiveClient } from "#lib/live/client.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createBrowser, type Tab } from "./browser-tabs.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";
import { clientOf, createReader, type Reader, seqs, untilStatus, upTo } from "./reader.ts";

let database: TestDatabase;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

/** SSE is not at issue here: a busy machine must not be taken for a proxy that holds frames back. */
const patient = { streamHeadersMs: 5000, streamHelloMs: 5000, streamBeatMs: 5000 };

let streamNumber = 0;
const newStream = () => `deployment/T${++streamNumber}`;
const append = (stream: string, count: number) =>
	database.streams.write((writer) =>
		writer.append(
			stream,
			Array.from({ length: count }, () => ({ type: "system" as const, content: "line", metadata: { message_type: "info" as const } })),
		),
	);

interface Page {
	tab: Tab;
	client: LiveClient;
	reader: Reader;
	stream: string;
}

async function startWithoutSockets(): Promise<LiveServer> {
	const server = await startLiveServer({ streams: database.streams, mayRead: (user, stream) => user === "ann" || stream === "user/bob" });
	ends.push(() => server.stop());
	server.faults.refuseUpgrades = 403;
	return server;
}

function openPage(server: LiveServer, tab: Tab, stream: string): Page {
	const client = clientOf(server.origin, tab.user, { tabs: tab, timings: server.faults.muteSse ? {} : patient });
	ends.push(() => client.close());
	const reader = createReader();
	client.subscribe(stream, { epoch: null, after: 0 }, reader.handlers);
	return { tab, client, reader, stream };
}

/** Pages of one browser, half of them on one stream and half on streams of their own, all connected over the shared transport. */
async function openPages(server: LiveServer, count: number, transport: "sse" | "poll" = "sse"): Promise<Page[]> {
	const browser = createBrowser();
	const common = newStream();
	const pages = Array.from({ length: count }, (_, index) => openPage(server, browser.openTab("ann"), index % 2 ? newStream() : common));
	await Promise.all(pages.map(({ client }) => untilStatus(client, (status) => status.transport === transport)));
	return pages;
}

function leaderOf(pages: readonly Page[]): Page {
	const leader = pages.find(({ tab }) => tab.leads());
	if (!leader) throw new Error("No tab leads");
	return leader;
}

async function write(pages: readonly Page[], count: number): Promise<void> {
	for (const stream of new Set(pages.map((page) => page.stream))) await append(stream, count);
}

async function expectAll(pages: readonly Page[], count: number): Promise<void> {
	for (const { reader } of pages) await reader.until(({ events }) => events.length >= count);
	for (const { reader } of pages) expect(seqs(reader)).toEqual(upTo(count));
}

test.each(["sse", "poll"] as const)("eight tabs have one connection over %s, and each sees everything once", async (transport) => {
	const server = await startWithoutSockets();
	if (transport === "poll") server.faults.muteSse = true;
	const pages = await openPages(server, 8, transport);
	await write(pages, 3);
	await expectAll(pages, 3);
	await write(pages, 2);
	await expectAll(pages, 5);
	await expect.poll(() => server.hub.status().byTransport[transport]).toBeLessThanOrEqual(1);
	expect(pages.filter(({ tab }) => tab.leads())).toHaveLength(1);
});

test.each(["closed", "killed", "frozen"] as const)(
	"the leader is %s: the others go on, nothing is lost and nothing comes twice",
	async (fate) => {
		const server = await startWithoutSockets();
		const pages = await openPages(server, 4);
		await write(pages, 2);
		await expectAll(pages, 2);
		const leader = leaderOf(pages);
		const others = pages.filter((page) => page !== leader);
		if (fate === "frozen") leader.tab.freeze();
		if (fate === "killed") leader.tab.kill();
		if (fate !== "frozen") leader.client.close();
		await write(pages, 3);
		await expectAll(others, 5);
		await write(pages, 1);
		await expectAll(others, 6);
		expect(leaderOf(others)).not.toBe(leader);
		await expect.poll(() => server.hub.status().byTransport.sse).toBeLessThanOrEqual(2);
	},
);

test("a hidden leader yields to a tab that is seen", async () => {
	const server = await startWithoutSockets();
	const pages = await openPages(server, 2);
	const leader = leaderOf(pages);
	leader.tab.visible = false;
	const browserTab = pages.find((page) => page !== leader);
	browserTab?.client.notify("visible");
	await expect.poll(() => leader.tab.leads()).toBe(false);
	await write(pages, 2);
	await expectAll(pages, 2);
});

test("tabs of another person, or of nobody, hear nothing of it", async () => {
	const server = await startWithoutSockets();
	const browser = createBrowser();
	const stream = newStream();
	const ann = openPage(server, browser.openTab("ann"), stream);
	const bob = openPage(server, browser.openTab("bob"), "user/bob");
	const curious = openPage(server, browser.openTab("bob"), stream);
	await untilStatus(ann.client, ({ transport }) => transport === "sse");
	await untilStatus(bob.client, ({ transport }) => transport === "sse");
	await append(stream, 3);
	await expectAll([ann], 3);
	await curious.reader.until(({ told }) => told.includes("error not_found"));
	expect(bob.reader.events).toEqual([]);
	expect(curious.reader.events).toEqual([]);
	const heard = [...bob.tab.heard, ...curious.tab.heard];
	expect(heard.length).toBeGreaterThan(0);
	expect(JSON.stringify(heard)).not.toContain('"t":"ev"');
});
