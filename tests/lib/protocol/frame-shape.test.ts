import { describe, expect, it } from "vitest";
import { readServerFrame, serverFrameSchema } from "#lib/protocol/index.ts";

const event = {
	id: "01JD7Z8Q4M2V9K3T5X6Y7W8R9A",
	seq: 1,
	stream: "deployment/a",
	deployment_id: "a",
	type: "of_tomorrow",
	timestamp: "2026-11-21T10:00:00.000Z",
	agent_name: null,
	stage: null,
	content: "",
	requires_ack: false,
	metadata: {},
};
const frames: Record<string, unknown>[] = [
	{ t: "hello", v: 1, conn: "c", boot: "b", hb: 15, auth_exp: null },
	{ t: "sub", id: null, stream: "user/a", epoch: "e", head: 3, min: 1, closed: false, after: 0 },
	{ t: "ev", stream: "deployment/a", epoch: "e", from: 1, to: 1, e: [event] },
	{ t: "live", stream: "user/a", head: 3 },
	{ t: "hb", n: 1, heads: { "user/a": 3 }, activity: [] },
	{ t: "pong", n: 1 },
	{ t: "end", stream: "deployment/a", seq: 9 },
	{ t: "err", id: null, stream: null, code: "not_found" },
	{ t: "bye", code: 1012, after: [0, 2000] },
];

describe("frames as a page reads them", () => {
	it.each(frames)("takes $t as it is, like the schema does", (frame) => {
		expect(serverFrameSchema.safeParse(frame).success).toBe(true);
		expect(readServerFrame(frame)).toBe(frame);
	});

	it("knows every frame of the schema", () => {
		expect(new Set(frames.map(({ t }) => t))).toEqual(new Set(serverFrameSchema.options.map((option) => option.shape.t.value)));
	});

	it.each(frames)("passes over $t with a field missing or of another kind", (frame) => {
		const required = Object.keys(frame).filter((name) => frame[name] !== null && name !== "id");
		for (const name of required) {
			expect(readServerFrame({ ...frame, [name]: undefined }), `${frame.t} without ${name}`).toBeNull();
			expect(readServerFrame({ ...frame, [name]: Symbol.iterator }), `${frame.t} with a symbol as ${name}`).toBeNull();
		}
	});

	it.each([
		null,
		1,
		"hello",
		[],
		{},
		{ t: "toString" },
		{ t: "of_tomorrow" },
		{ t: "ev", stream: "s", epoch: "e", from: 1, to: 1, e: [null] },
	])("passes over %j", (value) => expect(readServerFrame(value)).toBeNull());
});
