import { expect, it } from "vitest";
import { fold, foldAll } from "#lib/deployment/fold.ts";
import { eventTypes, type StreamEvent } from "#lib/protocol/index.ts";
import { runningAt } from "./simulation.ts";

const at = "2026-06-01T00:00:00.000Z";
const { state, events } = runningAt("build");

/** An event that says as little as an event of its type can; the fold must not need more to note that it came. */
function bare(type: string): StreamEvent {
	const source = events.find((event) => event.type === type) ?? { metadata: {}, stage: null, agent_name: null, content: "" };
	return {
		...source,
		type,
		seq: state.lastSeq + 1,
		timestamp: at,
		metadata: { ...source.metadata, tasks: [], lines: [] },
	} as unknown as StreamEvent;
}

it.each(eventTypes)("%s moves the position and the time of the last event in the same step (R5)", (type) => {
	expect(fold(state, bare(type))).toMatchObject({ lastSeq: state.lastSeq + 1, lastEventAt: at });
});

it("passes over a type it does not know (R85)", () => {
	const { lastSeq: _, lastEventAt: __, ...before } = state;
	expect(fold(state, bare("something_newer"))).toMatchObject(before);
});

it("applies an event once, whatever is sent again", () => {
	const again = [...events, ...events.slice(-5), ...events];
	expect(foldAll(state.id, again)).toEqual(state);
});
