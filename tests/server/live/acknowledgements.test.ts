import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { EventDraft, ServerFrame } from "#lib/protocol/index.ts";
import { openAcknowledgements } from "#server/streams/acknowledgements.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";

let database: TestDatabase;
let server: LiveServer;
const sockets: WebSocket[] = [];
beforeAll(async () => {
	database = await startTestDatabase();
	const user = (id: string) => ({
		id,
		email: `${id}@example.org`,
		name: id,
		role: "member" as const,
		password_hash: null,
		created_at: new Date(),
	});
	await database.db.insertInto("users").values(["ann", "bob"].map(user)).execute();
	server = await startLiveServer({
		streams: database.streams,
		acknowledgements: openAcknowledgements(database.db),
		snapshot: async (stream) => {
			const { epoch, head } = await database.streams.read({ stream, epoch: null, after: 0 });
			return epoch ? { state: null, seq: head, epoch } : null;
		},
	});
});
afterAll(async () => {
	await server?.stop();
	await database?.stop();
});
afterEach(() => {
	for (const socket of sockets.splice(0)) socket.terminate();
});

const plain: EventDraft = { type: "system", content: "something", metadata: { message_type: "info" } };
const urgent: EventDraft = { ...plain, content: "look here", requires_ack: true };
const append = (stream: string, ...drafts: EventDraft[]) => database.streams.write((writer) => writer.append(stream, drafts));
type Sub = Extract<ServerFrame, { t: "sub" }>;

/** A page that knows nothing yet: what its `sub` says, and its socket. */
async function openPage(stream: string, user = "ann", cursor: object = {}): Promise<{ sub: Sub; say(frame: object): Promise<void> }> {
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/ws`, { headers: { authorization: `Bearer ${user}` } });
	sockets.push(socket);
	const frames: ServerFrame[] = [];
	socket.on("message", (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
	socket.once("open", () => socket.send(JSON.stringify({ t: "sub", id: 1, stream, ...cursor })));
	await expect.poll(() => frames.some(({ t }) => t === "live")).toBe(true);
	const sub = frames.find((frame): frame is Sub => frame.t === "sub");
	if (!sub) throw new Error("no sub");
	return {
		sub,
		/** Settles when the server has carried it out: it answers in order. */
		async say(frame) {
			const before = frames.length;
			socket.send(JSON.stringify(frame));
			socket.send(JSON.stringify({ t: "ping", n: 1 }));
			await expect.poll(() => frames.slice(before).some(({ t }) => t === "pong")).toBe(true);
		},
	};
}
const told = ({ sub }: { sub: Sub }) => ({ seen: sub.seen, unseen: sub.unseen?.map(({ seq }) => seq) });

test("what asks for a person is told on every new page until it was seen, and not after that (R84)", async () => {
	const stream = `user/${randomUUID()}`;
	await append(stream, plain, urgent, plain, urgent);
	expect(told(await openPage(stream))).toEqual({ seen: 0, unseen: [2, 4] });
	const page = await openPage(stream);
	expect(told(page)).toEqual({ seen: 0, unseen: [2, 4] });
	expect(page.sub.unseen?.[0]).toMatchObject({ content: "look here", requires_ack: true });
	await page.say({ t: "ack", stream, seq: 2 });
	expect(told(await openPage(stream))).toEqual({ seen: 2, unseen: [4] });
	await page.say({ t: "ack", stream, seq: 4 });
	await page.say({ t: "ack", stream, seq: 1 });
	expect(told(await openPage(stream))).toEqual({ seen: 4, unseen: [] });
	expect(told(await openPage(stream, "bob"))).toEqual({ seen: 0, unseen: [2, 4] });
	await append(stream, urgent);
	expect(told(await openPage(stream))).toEqual({ seen: 4, unseen: [5] });
});

test("who reads the whole history is told up to where it was seen; who goes on where it stood is not", async () => {
	const stream = `deployment/${randomUUID()}`;
	await append(stream, urgent, urgent);
	const { epoch } = await database.streams.read({ stream, epoch: null, after: 0 });
	await (await openPage(stream)).say({ t: "ack", stream, seq: 1 });
	expect(told(await openPage(stream, "ann", { epoch, after: 0 }))).toEqual({ seen: 1, unseen: [] });
	expect(told(await openPage(stream, "ann", { epoch, after: 1 }))).toEqual({ seen: undefined, unseen: undefined });
});

test("over requests the cursor carries it", async () => {
	const stream = `user/${randomUUID()}`;
	await append(stream, urgent, urgent);
	const poll = async (cursor: object) => {
		const body = JSON.stringify({ subs: [{ stream, ...cursor }] });
		const response = await fetch(`${server.origin}/live/poll`, { method: "POST", headers: { authorization: "Bearer ann" }, body });
		return ((await response.json()) as ServerFrame[]).find((frame): frame is Sub => frame.t === "sub");
	};
	const first = await poll({});
	expect(first).toMatchObject({ seen: 0, unseen: [{ seq: 1 }, { seq: 2 }] });
	await poll({ epoch: first?.epoch, after: 2, ack: 1 });
	expect(await poll({})).toMatchObject({ seen: 1, unseen: [{ seq: 2 }] });
});

test("nobody acknowledges what they were not sent, another's stream, or another log", async () => {
	const stream = `user/${randomUUID()}`;
	await append(stream, urgent);
	const page = await openPage(stream);
	await page.say({ t: "ack", stream, seq: 1_000_000 });
	await page.say({ t: "ack", stream: `user/${randomUUID()}`, seq: 1 });
	await append(stream, urgent);
	expect(told(await openPage(stream))).toEqual({ seen: 1, unseen: [2] });
	await database.db.updateTable("streams").set({ epoch: "another" }).where("name", "=", stream).execute();
	await page.say({ t: "ack", stream, seq: 2 });
	expect(told(await openPage(stream))).toEqual({ seen: 0, unseen: [1, 2] });
	expect(server.errors).toEqual([]);
});

test("a page is told of the ten newest", async () => {
	const stream = `user/${randomUUID()}`;
	await append(stream, ...Array<EventDraft>(30).fill(urgent));
	expect(told(await openPage(stream)).unseen).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
});

test("a page that is rendered before it reads is told the same", async () => {
	const stream = "user/rendered";
	const acknowledgements = openAcknowledgements(database.db);
	expect(await acknowledgements.unseen("ann", stream)).toEqual([]);
	await append(stream, plain, urgent, urgent);
	const page = await openPage(stream);
	expect((await acknowledgements.unseen("ann", stream)).map(({ seq }) => seq)).toEqual(page.sub.unseen?.map(({ seq }) => seq));
	await page.say({ t: "ack", stream, seq: 2 });
	expect((await acknowledgements.unseen("ann", stream)).map(({ seq }) => seq)).toEqual([3]);
	expect((await acknowledgements.unseen("bob", stream)).map(({ seq }) => seq)).toEqual([2, 3]);
});
