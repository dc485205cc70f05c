import { describe, expect, it } from "vitest";
import { conversationOf, type Item } from "#lib/deployment/conversation.ts";
import { fold, foldAll } from "#lib/deployment/fold.ts";
import type { EventDraft, StreamEvent } from "#lib/protocol/index.ts";
import { runningAt, Simulation, startInput } from "./simulation.ts";

const { state, events } = runningAt("plan");

/** The drafts as events after those of a deployment whose plan is being made. */
function following(...drafts: EventDraft[]): StreamEvent[] {
	return drafts.map(
		(draft, index) =>
			({
				agent_name: "Architect",
				stage: "plan",
				requires_ack: false,
				...draft,
				id: `e${index}`,
				seq: state.lastSeq + index + 1,
				stream: "",
				deployment_id: state.id,
				timestamp: "2026-06-01T00:00:00.000Z",
			}) as StreamEvent,
	);
}

const part = (text: string, n: number, message = "m"): EventDraft => ({
	type: "agent_response",
	content: "",
	metadata: { text, facts: {}, message, part: n, final: false },
});

describe("a message that grows", () => {
	it("is what is being said until it is whole", () => {
		const growing = following(part("Two ", 1), part("stages.", 2)).reduce(fold, state);
		expect(growing.speaking).toEqual({ message: "m", agent: "Architect", part: 2, text: "Two stages." });
		const whole: EventDraft = {
			type: "agent_response",
			content: "",
			metadata: { text: "Two stages.", facts: {}, message: "m", part: 3, final: true, model: "p/m" },
		};
		const said = following(part("Two ", 1), part("stages.", 2), whole).reduce(fold, state);
		expect(said.speaking).toBeNull();
		expect(said.agents.find(({ name }) => name === "Architect")?.response).toBe("Two stages.");
	});

	it("begins anew with another message, and is forgotten when the attempt is lost", () => {
		expect(following(part("old ", 1), part("new ", 1, "n")).reduce(fold, state).speaking).toMatchObject({ message: "n", text: "new " });
		const run = new Simulation();
		run.give(startInput);
		run.begin();
		const half = { ...run.state, speaking: { message: "m", agent: "Analyst" as const, part: 1, text: "half" } };
		expect(run.give({ type: "lose", fence: run.fence, processes: 0, reference: "r" })).toBe(true);
		expect(fold(half, run.events.find(({ type }) => type === "stage_failed") as StreamEvent).speaking).toBeNull();
	});

	it("is bounded in the state, however long it grows", () => {
		const long = following(...Array.from({ length: 200 }, (_, n) => part("x".repeat(1000), n + 1))).reduce(fold, state);
		expect(long.speaking?.text.length).toBeLessThan(26_000);
		const answer: EventDraft = { type: "agent_response", content: "", metadata: { text: "y".repeat(20_000), facts: {} } };
		const answered = following(answer).reduce(fold, state);
		expect(answered.agents.find(({ name }) => name === "Architect")?.response?.length).toBeLessThan(1100);
	});
});

describe("the conversation", () => {
	it("begins with what the person asked for, and has each agent's words in turn", () => {
		const turns = conversationOf(events);
		expect(turns[0]).toMatchObject({ speaker: "you", items: [{ kind: "note", text: expect.stringMatching(/^Deploy https:/) }] });
		expect(turns.map(({ speaker }) => speaker).slice(1)).toContain("Analyst");
	});

	it("does not say twice what an answer repeats", () => {
		const analyst = conversationOf(events).filter(({ speaker }) => speaker === "Analyst");
		const texts = analyst.flatMap(({ items }) => items.map((item) => ("text" in item ? item.text.replace(/\.$/, "") : "")));
		expect(new Set(texts).size).toBe(texts.length);
		expect(analyst.flatMap(({ items }) => items).filter(({ kind }) => kind === "message")).toHaveLength(1);
	});

	it("leaves parts out, and shows tool calls, refused ones too, with what they changed", () => {
		const call = (ok: boolean): EventDraft => ({
			type: "tool_called",
			content: "",
			metadata: { tool: "write_file", input: "index.html", ok, result: "Written.", file: "index.html", diff: ok ? "+<h1>" : null },
		});
		const items: Item[] = conversationOf(following(part("half", 1), call(true), call(false))).flatMap((turn) => turn.items);
		expect(items).toMatchObject([
			{ kind: "tool", ok: true, diff: "+<h1>" },
			{ kind: "tool", ok: false, diff: null },
		]);
	});

	it("says why an answer was made by rules", () => {
		const degraded = { code: "internal" as const, message: "The model did not answer.", sentence: "Please wait." };
		const answer: EventDraft = { type: "agent_response", content: "", metadata: { text: "Read 3 files.", facts: {}, degraded } };
		expect(conversationOf(following(answer))[0]?.items).toMatchObject([{ kind: "message", text: "Read 3 files.", degraded }]);
		expect(foldAll(state.id, [...events, ...following(answer)]).agents.find(({ name }) => name === "Architect")?.degraded).toEqual(
			degraded,
		);
	});
});
