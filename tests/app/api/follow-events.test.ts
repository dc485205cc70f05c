import { createParser, type EventSourceMessage } from "eventsource-parser";
import { describe, expect, it } from "vitest";
import { followEvents, type ReadPage } from "#app/api/deployments/[id]/events/follow-events.ts";
import { type EventsQuery, eventsQuerySchema, type StreamEvent } from "#lib/protocol/index.ts";

type Page = Awaited<ReturnType<ReadPage>>;

const event = (seq: number) => ({ seq, content: `event ${seq}` }) as unknown as StreamEvent;
const page = (parts: Partial<Page>): Page => ({ epoch: "e1", min: 1, head: 0, closed: false, events: [], activity: null, ...parts });
const activity = {
	deployment_id: "d",
	stage: null,
	agent_name: null,
	awaiting: "npm",
	since: "",
	last_output_at: null,
	ahead: null,
	at: "",
};

/** A log that answers these pages one after the other, and keeps what it was asked. */
function log(...pages: Page[]) {
	const asked: EventsQuery[] = [];
	const read: ReadPage = async (query) => {
		asked.push(query);
		const next = pages[asked.length - 1];
		if (!next) throw new Error("asked for more than there is");
		return next;
	};
	return { asked, read };
}

const ask = (headers: Record<string, string> = {}) => new Request("http://localhost/", { headers });
const query = (parts: object = {}) => eventsQuerySchema.parse(parts);

async function frames(response: Response, limit = Number.POSITIVE_INFINITY): Promise<EventSourceMessage[]> {
	const messages: EventSourceMessage[] = [];
	const parser = createParser({ onEvent: (message) => messages.push(message) });
	const decoder = new TextDecoder();
	for await (const chunk of response.body ?? []) {
		parser.feed(decoder.decode(chunk, { stream: true }));
		if (messages.length >= limit) break;
	}
	return messages;
}

describe("a follower", () => {
	it("is sent each event with a cursor, what happens in between, and the end", async () => {
		const { read, asked } = log(
			page({ head: 2, events: [event(1), event(2)] }),
			page({ head: 2, activity }),
			page({ head: 3, closed: true, events: [event(3)] }),
		);
		const response = await followEvents(read, query(), ask());
		expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
		expect(response.headers.get("cache-control")).toContain("no-transform");
		const sent = await frames(response);
		expect(sent.map(({ event: name, id }) => [name, id])).toEqual([
			[undefined, "e1/1"],
			[undefined, "e1/2"],
			["activity", undefined],
			[undefined, "e1/3"],
			["end", undefined],
		]);
		expect(JSON.parse(sent[0]?.data ?? "")).toEqual(event(1));
		expect(asked.map(({ after, wait, epoch }) => [after, wait, epoch])).toEqual([
			[undefined, 0, undefined],
			[2, 20, "e1"],
			[2, 20, "e1"],
		]);
	});

	it("that asks for what came since a time is not sent what came before it", async () => {
		const { read, asked } = log(page({ head: 7 }), page({ head: 8, closed: true, events: [event(8)] }));
		const sent = await frames(await followEvents(read, query({ since: "2026-01-01T00:00:00Z" }), ask()));
		expect(asked.map(({ after }) => after)).toEqual([undefined, 7]);
		expect(sent.map(({ id }) => id)).toEqual(["e1/8", undefined]);
	});

	it("goes on where it left off", async () => {
		const { read, asked } = log(page({ head: 8, closed: true, events: [event(8)] }));
		const sent = await frames(await followEvents(read, query({ after: 2 }), ask({ "last-event-id": "e1/7" })));
		expect(asked[0]).toMatchObject({ after: 7, epoch: "e1" });
		expect(sent.map(({ id }) => id)).toEqual(["e1/8", undefined]);
	});

	it("that has read a closed log to its end is told not to come back", async () => {
		const { read } = log(page({ head: 8, closed: true }));
		expect((await followEvents(read, query(), ask({ "last-event-id": "e1/8" }))).status).toBe(204);
	});

	it("whose cursor belongs to another log is told so, and starts anew", async () => {
		const { read, asked } = log(
			page({ epoch: "e2", min: 3, head: 4, reset: "epoch" }),
			page({ epoch: "e2", min: 3, head: 4, closed: true, events: [event(3), event(4)] }),
		);
		const sent = await frames(await followEvents(read, query({ after: 9, epoch: "e1" }), ask()));
		expect(sent.map(({ event: name, id }) => name ?? id)).toEqual(["reset", "e2/3", "e2/4", "end"]);
		expect(asked[1]).toMatchObject({ after: 2, epoch: "e2" });
	});

	it("that goes away ends the reading, and nothing is read ahead of it", async () => {
		let reads = 0;
		let ended: AbortSignal | undefined;
		const endless: ReadPage = async (_, signal) => {
			ended = signal;
			reads++;
			return page({ head: reads, events: [event(reads)] });
		};
		const response = await followEvents(endless, query(), ask());
		expect(await frames(response, 3)).toHaveLength(3);
		expect(ended?.aborted).toBe(true);
		expect(reads).toBeLessThanOrEqual(4);
	});
});
