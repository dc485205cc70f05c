import { expect, it } from "vitest";
import { createAttention } from "#components/attention/attention.ts";
import type { StreamEvent } from "#lib/protocol/index.ts";

const event = (seq: number, requires_ack = true) => ({ id: `e${seq}`, seq, requires_ack }) as StreamEvent;

function begin(unseen: readonly number[], seen = 0) {
	const acknowledged: number[] = [];
	const attention = createAttention((seq) => acknowledged.push(seq));
	attention.begin(
		unseen.map((seq) => event(seq)),
		seen,
	);
	const settle = (...seqs: number[]) => attention.settle(({ seq }) => seqs.includes(seq));
	return { attention, acknowledged, settle, open: () => attention.items().map(({ seq }) => seq) };
}

it("keeps what asks for a person until it is settled, and no other event (R84)", () => {
	const { attention, settle, open } = begin([2, 4]);
	attention.add([event(5, false), event(6)]);
	expect(open()).toEqual([2, 4, 6]);
	settle(4);
	expect(open()).toEqual([2, 6]);
});

it("acknowledges a place only when everything before it is settled, in whatever order that happens", () => {
	const { acknowledged, settle } = begin([2, 4, 7]);
	settle(4);
	expect(acknowledged).toEqual([1]);
	settle(2);
	expect(acknowledged).toEqual([1, 4]);
	settle(7);
	expect(acknowledged).toEqual([1, 4, 7]);
});

it("acknowledges nothing twice, and nothing that was acknowledged before", () => {
	const { attention, acknowledged, settle, open } = begin([], 9);
	attention.add([event(8), event(9), event(10)]);
	expect(open()).toEqual([10]);
	settle(10);
	settle(10);
	expect(acknowledged).toEqual([10]);
});

it("shows what the page was rendered with, and acknowledges what was settled of it once reading begins", () => {
	const acknowledged: number[] = [];
	const attention = createAttention((seq) => acknowledged.push(seq), [event(2), event(4)]);
	expect(attention.items().map(({ seq }) => seq)).toEqual([2, 4]);
	attention.settle(({ seq }) => seq === 2);
	expect(acknowledged).toEqual([]);
	attention.begin([event(2), event(4), event(5)], 1);
	expect(attention.items().map(({ seq }) => seq)).toEqual([4, 5]);
	expect(acknowledged).toEqual([2]);
});

it("acknowledges the first events of a stream that had none when the page came", () => {
	const acknowledged: number[] = [];
	const attention = createAttention((seq) => acknowledged.push(seq));
	attention.add([event(1, false), event(2)]);
	attention.settle(({ seq }) => seq === 2);
	expect(acknowledged).toEqual([2]);
});
