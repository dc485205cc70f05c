import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "#lib/client/client.ts";
import { type Followed, followDeployment } from "#lib/client/follow.ts";
import { streamOf } from "#lib/protocol/index.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

let database: TestApi["database"];
let server: TestApi["server"];
let stop: TestApi["stop"];
let token: string;
let client: Client;
beforeAll(async () => {
	({ database, server, stop, token, admin: client } = await startTestApi());
}, 60_000);
afterAll(() => stop());

async function deploy(): Promise<string> {
	const { deployment } = await client.deployments.create({ source: { type: "git", url: `https://git.example.com/acme/${ulid()}` } });
	return deployment.id;
}

const tell = (id: string, content: string, at?: Date) =>
	database.streams.write((writer) =>
		writer.append(streamOf.deployment(id), [{ type: "system", content, metadata: { message_type: "info" } }], { deploymentId: id, at }),
	);
async function collect(following: AsyncIterable<Followed>): Promise<Followed[]> {
	const items: Followed[] = [];
	for await (const item of following) items.push(item);
	return items;
}
const heard = (items: Followed[]) => items.flatMap((item) => (item.type === "event" ? [item.event.content] : []));

describe("reading by hand", () => {
	it("answers what is after a cursor, and after a time", async () => {
		const id = await deploy();
		const first = await client.deployments.events(id);
		expect(first).toMatchObject({ min: 1, closed: false, events: [{ seq: 1 }] });
		await tell(id, "second", new Date(Date.now() + 1000));
		const second = await client.deployments.events(id, { after: first.head, epoch: first.epoch });
		expect(second.events.map(({ content }) => content)).toEqual(["second"]);
		const since = first.events.at(-1)?.timestamp;
		const response = await fetch(`${server.origin}/api/builds/${id}/events?since=${since}`, {
			headers: { authorization: `Bearer ${token}` },
		});
		expect(((await response.json()) as typeof second).events.map(({ content }) => content)).toEqual(["second"]);
	});

	it("waits for what comes next", async () => {
		const id = await deploy();
		const { head } = await client.deployments.events(id);
		const waiting = client.deployments.events(id, { after: head, wait: 20 });
		await tell(id, "came later");
		expect((await waiting).events.map(({ content }) => content)).toEqual(["came later"]);
	});
});

describe("following", () => {
	it("hears every event once and in order, through to the end", async () => {
		const id = await deploy();
		const following = collect(followDeployment(client, id));
		for (let n = 0; n < 30; n++) await tell(id, `event ${n}`);
		await client.deployments.cancel(id);
		const items = await following;
		const { events } = await client.deployments.events(id);
		expect(heard(items)).toEqual(events.map(({ content }) => content));
		expect(items.some(({ type }) => type === "reset")).toBe(false);
	});

	it("goes on over answers that fail, without losing or repeating anything", async () => {
		const id = await deploy();
		await tell(id, "one");
		await client.deployments.cancel(id);
		let calls = 0;
		const flaky = createClient({
			origin: server.origin,
			token,
			fetch: (input, init) => {
				calls++;
				if (calls === 1) return Promise.reject(new TypeError("fetch failed"));
				if (calls === 2) return Promise.resolve(new Response("bad gateway", { status: 502, headers: { "retry-after": "0" } }));
				return fetch(`${input}&limit=1`, init);
			},
		});
		const items = await collect(followDeployment(flaky, id));
		const { events } = await client.deployments.events(id);
		expect(heard(items)).toEqual(events.map(({ content }) => content));
		expect(calls).toBe(events.length + 2);
	});

	it("starts anew when the log is another", async () => {
		const id = await deploy();
		await tell(id, "kept");
		const first = await client.deployments.events(id);
		await database.db.updateTable("streams").set({ epoch: "restored" }).where("name", "=", streamOf.deployment(id)).execute();
		await client.deployments.cancel(id);
		let calls = 0;
		const moved = createClient({
			origin: server.origin,
			token,
			fetch: (input, init) => fetch(calls++ === 0 ? `${input}&epoch=${first.epoch}` : input, init),
		});
		const items = await collect(followDeployment(moved, id, { after: first.head }));
		expect(items[0]).toEqual({ type: "reset" });
		expect(heard(items)[0]).toBe(first.events[0]?.content);
	});

	it("gives up at once on what waiting does not change", async () => {
		await expect(collect(followDeployment(client, ulid()))).rejects.toMatchObject({ code: "not_found" });
		const dead = createClient({ origin: "http://127.0.0.1:1", token });
		await expect(collect(followDeployment(dead, ulid(), { patienceMs: 0 }))).rejects.toMatchObject({
			code: "unreachable",
			reference: "",
		});
	});

	it("stops when it is told to", async () => {
		const id = await deploy();
		const stop = new AbortController();
		const following = collect(followDeployment(client, id, { signal: stop.signal }));
		stop.abort(new Error("enough"));
		await expect(following).rejects.toThrow("enough");
	});

	it("by server-sent events hears the same, and ends", async () => {
		const id = await deploy();
		const response = await fetch(`${server.origin}/api/deployments/${id}/events`, {
			headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
		});
		await tell(id, "over the wire");
		await client.deployments.cancel(id);
		const text = await response.text();
		const { events, epoch, head } = await client.deployments.events(id);
		expect([...text.matchAll(/^id: (.*)$/gm)].map(([, cursor]) => cursor)).toEqual(events.map(({ seq }) => `${epoch}/${seq}`));
		expect(text).toContain("over the wire");
		expect(text.endsWith(`event: end\ndata: {"seq":${head}}\n\n`)).toBe(true);
	});
});
