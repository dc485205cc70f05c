import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { ServerFrame } from "#lib/protocol/index.ts";
import { type Pages, preparePages } from "#server/http/pages.ts";
import { sentence } from "#tests/server/live/live-fixture.ts";
import { type LiveServer, startLiveServer } from "#tests/server/live/live-server.ts";
import { clientOf, createReader, seqs, untilStatus, upTo } from "#tests/server/live/reader.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { freePort } from "#tests/support/platform.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const layout = `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }`;
const pageSaying = (words: string) => `export const dynamic = "force-dynamic";
export default async function Everything({ params }) {
	const { all = [] } = await params;
	return <p>{"${words} /" + all.join("/")}</p>;
}`;

let folder: string;
let pages: Pages;
let database: TestDatabase;
let server: LiveServer;

/** Next in development, with a page that answers every address, and the live server: wired as the platform wires them. */
beforeAll(async () => {
	process.env.NEXT_TELEMETRY_DISABLED = "1";
	const parent = join(checkout, ".next");
	await mkdir(parent, { recursive: true });
	folder = await mkdtemp(join(parent, "catch-all-"));
	await mkdir(join(folder, "app", "[[...all]]"), { recursive: true });
	// A build for production leaves a package.json of the other kind in the folder above.
	await writeFile(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
	await writeFile(join(folder, "next.config.mjs"), `export default { turbopack: { root: ${JSON.stringify(checkout)} } };`);
	await writeFile(join(folder, "app", "layout.jsx"), layout);
	await writeFile(join(folder, "app", "[[...all]]", "page.jsx"), pageSaying("caught"));
	const port = await freePort();
	pages = await preparePages({ dir: folder, dev: true, port });
	database = await startTestDatabase();
	server = await startLiveServer({
		port,
		streams: database.streams,
		page: (request, response) => void pages.handle(request, response),
		next: pages.upgrade ?? undefined,
	});
}, 120_000);
afterAll(async () => {
	await server?.stop();
	await pages?.close();
	await database?.stop();
	await rm(folder, { recursive: true, force: true });
});

async function openSocket(path: string): Promise<{ socket: WebSocket; messages: string[] }> {
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: { authorization: "Bearer ann" } });
	const messages: string[] = [];
	socket.on("message", (data) => void messages.push(String(data)));
	await once(socket, "open");
	return { socket, messages };
}

const body = async (path: string) => (await fetch(`${server.origin}${path}`)).text();
const reloadSocket = "/_next/hmr?id=test";

describe("in development, with a page at the root that catches every address", () => {
	test("that page has what is nobody else's, and ours stay ours", { timeout: 90_000 }, async () => {
		expect(await body("/some/where")).toContain("caught /some/where");
		expect(await body("/")).toContain("caught /");
		const answer = await fetch(`${server.origin}/live/poll`, {
			method: "POST",
			headers: { authorization: "Bearer ann" },
			body: JSON.stringify({ subs: [{ stream: "deployment/DEV0" }] }),
		});
		expect(((await answer.json()) as ServerFrame[]).map(({ t }) => t)).toEqual(["hello", "sub", "live", "hb"]);
		for (const path of ["/some/where", "/"]) {
			const refused = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
			const [error] = await once(refused, "error");
			expect(String(error)).toContain("404");
		}
	});

	test("Next's reload socket and ours live side by side while the page is changed", { timeout: 90_000 }, async () => {
		const stream = "deployment/DEV1";
		const reload = await openSocket(reloadSocket);
		const reader = createReader();
		const client = clientOf(server.origin, "ann");
		const seen: string[] = [];
		client.onStatus(({ kind, transport }) => seen.push(`${kind} ${transport}`));
		client.subscribe(stream, { epoch: null, after: 0 }, reader.handlers);
		await untilStatus(client, ({ transport }) => transport === "ws");
		await expect.poll(() => reload.messages.length, { timeout: 20_000 }).toBeGreaterThan(0);
		expect(await body("/before")).toContain("caught /before");

		for (let round = 1; round <= 3; round++) {
			const before = reload.messages.length;
			await writeFile(join(folder, "app", "[[...all]]", "page.jsx"), pageSaying(`round ${round}`));
			await expect.poll(() => body("/after"), { timeout: 20_000 }).toContain(`round ${round} /after`);
			await expect.poll(() => reload.messages.length, { timeout: 20_000 }).toBeGreaterThan(before);
			await database.streams.write((writer) => writer.append(stream, [sentence()]));
			await reader.until(({ events }) => events.length >= round);
		}
		expect(seqs(reader)).toEqual(upTo(3));
		expect(reload.socket.readyState).toBe(WebSocket.OPEN);
		expect(new Set(seen.filter((status) => status.startsWith("connected")))).toEqual(new Set(["connected ws"]));
		expect(reload.messages.join()).not.toContain('"t":"hello"');
		client.close();
		reload.socket.close();
		await once(reload.socket, "close");
	});
});
