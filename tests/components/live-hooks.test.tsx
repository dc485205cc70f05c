import type { ReactNode } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import { LiveProvider, useConnectionStatus, useLiveClient } from "#components/live/live-provider.tsx";
import { type StreamReader, useStream } from "#components/live/use-stream.ts";
import type { LiveClient } from "#lib/live/client.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import type { StreamEvent } from "#lib/protocol/index.ts";
import { liveServers, sentence } from "../server/live/live-fixture.ts";
import { authorizedAs } from "../server/live/reader.ts";

const live = liveServers();

/** As much of a browser as React needs to keep components that draw nothing; the page's address and way to the server are `origin`'s. */
function openPage(origin: string): { render(children: ReactNode): void } {
	const target = () => new EventTarget();
	const document = Object.assign(target(), { nodeType: 9, visibilityState: "visible", activeElement: null });
	const kept = new Map<string, string>();
	const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
	const window = Object.assign(target(), { document, location: { origin }, localStorage: storage, HTMLIFrameElement: class {} });
	const { WebSocket, fetch } = authorizedAs("ann");
	for (const [name, value] of Object.entries({ window, document, WebSocket, fetch })) vi.stubGlobal(name, value);
	const container = Object.assign(target(), { nodeType: 1, nodeName: "DIV", tagName: "DIV", ownerDocument: document, textContent: "" });
	const root = createRoot(container as unknown as Element);
	live.onEnd(() => {
		root.unmount();
		for (const client of clients.splice(0)) client.close();
	});
	return {
		render: (children) =>
			flushSync(() =>
				root.render(
					<LiveProvider userId="ann">
						{children}
						<Keep />
					</LiveProvider>,
				),
			),
	};
}

/** The clients of the pages, which live as long as these: they are ended by the test. What React does last still asks for the window. */
const clients: LiveClient[] = [];
function Keep() {
	const client = useLiveClient();
	if (client) clients.push(client);
	return null;
}

/** A component deep in the page, which is given nothing. */
function Status({ told }: { told: ConnectionStatus[] }) {
	told.push(useConnectionStatus());
	return null;
}

function Reads({ stream, reader }: { stream: string | null; reader: StreamReader }) {
	useStream(stream, reader);
	return null;
}

test("every component of a page reads the same connection, and is told at once what becomes of it (R115, R123)", async () => {
	const server = await live.start();
	const first: ConnectionStatus[] = [];
	const second: ConnectionStatus[] = [];
	openPage(server.origin).render(
		<>
			<Status told={first} />
			<Status told={second} />
		</>,
	);
	await expect.poll(() => [first, second].map((told) => told.at(-1)?.kind)).toEqual(["connected", "connected"]);
	expect(first[0]?.kind).toBe("connecting");
	expect(first.at(-1)).toBe(second.at(-1));
	expect(first.at(-1)?.transport).toBe("ws");
	expect(server.hub.clients()).toEqual([expect.objectContaining({ transport: "ws", userId: "ann" })]);

	const lost = Promise.withResolvers<number>();
	const push = first.push.bind(first);
	first.push = (...told) => {
		if (told[0]?.kind === "lost") lost.resolve(performance.now());
		return push(...told);
	};
	const cutAt = performance.now();
	server.cut();
	expect((await lost.promise) - cutAt).toBeLessThan(1000);
	await expect.poll(() => second.at(-1)?.kind).toBe("connected");
});

test("a stream's events reach the newest reader, each once and in order, over the page's one connection (R115)", async () => {
	const server = await live.start();
	const page = openPage(server.origin);
	const read: { by: string; seqs: number[] }[] = [];
	const starts: string[] = [];
	const reader = (by: string): StreamReader => ({
		onEvents: (events: StreamEvent[]) => void read.push({ by, seqs: events.map(({ seq }) => seq) }),
		onStart: () => void starts.push(by),
	});
	const seqsOf = (by: string) => read.filter((one) => one.by === by).flatMap(({ seqs }) => seqs);
	const show = (stream: string | null, by: string) => page.render(<Reads stream={stream} reader={reader(by)} />);

	show(null, "nobody");
	await expect.poll(() => server.hub.status().subscriptions).toBe(1);
	show("project/P1", "first");
	await expect.poll(() => server.hub.status().subscriptions).toBe(2);
	for (let n = 0; n < 5; n++) await live.append("project/P1", [sentence()]);
	await expect.poll(() => seqsOf("first")).toEqual([1, 2, 3, 4, 5]);

	// Another reader of the same stream: nothing is asked for again.
	show("project/P1", "second");
	await live.append("project/P1", [sentence(), sentence()]);
	await expect.poll(() => seqsOf("second")).toEqual([6, 7]);
	expect(seqsOf("first")).toEqual([1, 2, 3, 4, 5]);
	expect(server.hub.clients()).toHaveLength(1);

	// Another stream: the one before is let go.
	show("project/P2", "second");
	await expect
		.poll(() => server.hub.clients().flatMap(({ subscriptions }) => subscriptions.toSorted()))
		.toEqual(["project/P2", "user/ann"]);
	await live.append("project/P1", [sentence()]);
	await live.append("project/P2", [sentence()]);
	await expect.poll(() => seqsOf("second")).toEqual([6, 7, 1]);
	expect(starts).toEqual([]);
	expect(seqsOf("nobody")).toEqual([]);
	expect(server.hub.clients()).toHaveLength(1);
});
