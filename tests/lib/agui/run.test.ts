import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type AguiEvent, advance, begin, breakOff, endOf, newRun, type Run } from "#lib/agui/run.ts";
import type { Input } from "#lib/deployment/decide.ts";
import { foldAll } from "#lib/deployment/fold.ts";
import { type EventType, eventTypes, metadataSchemas, type StreamEvent, stages } from "#lib/protocol/index.ts";
import { failure, Simulation, startInput } from "#tests/lib/deployment/simulation.ts";
import { agentOf, problemsOf, watch } from "#tests/support/agui.ts";

/** What a run tells of a log: all of it, or what came after `from`. */
function runOf(
	events: readonly StreamEvent[],
	{ from = 0, held = [] as Parameters<typeof begin>[1] } = {},
): { run: Run; told: AguiEvent[] } {
	let run = newRun("thread", "run", "x");
	let told = from === 0 ? begin(run, held) : [];
	for (const event of events) {
		const next = advance(run, event);
		run = next.run;
		if (event.seq > from) told = [...told, ...next.events];
		else if (event.seq === from) told = begin(run, held);
	}
	return { run, told };
}

function wholeRun(events: readonly StreamEvent[], options: Parameters<typeof runOf>[1] = {}): AguiEvent[] {
	const { run, told } = runOf(events, options);
	return [...told, ...(endOf(run) ?? [])];
}

function story(...inputs: ((simulation: Simulation) => Input | "begin")[]): Simulation {
	const simulation = new Simulation();
	simulation.give(startInput);
	for (const input of inputs) {
		const next = input(simulation);
		expect(next === "begin" ? simulation.begin() : simulation.give(next)).toBe(true);
	}
	return simulation;
}

const begins = () => "begin" as const;
const completes = (simulation: Simulation): Input => ({
	type: "complete",
	fence: simulation.fence,
	text: "Done.",
	facts: { "a/b~c": 1 },
	output: {},
	response: "All of it went well.",
});
const fails = (simulation: Simulation): Input => ({ type: "fail", fence: simulation.fence, failure });
const success = () => story(...stages.flatMap(() => [begins, completes]));

/** A deployment whose Analyst speaks in parts, uses a tool, and is interrupted in the middle of a word. */
function thinking(): Simulation {
	const simulation = story(begins);
	const part = (message: string, number: number, text: string, final = false) =>
		simulation.tell({
			type: "agent_response",
			agent_name: "Analyst",
			content: "",
			metadata: { text, facts: {}, message, part: number, final },
		});
	part("m1", 1, "I look ");
	part("m1", 2, "at it. ");
	const tool = { tool: "list_files", input: "src", ok: true, result: "214 files", file: null, diff: null };
	simulation.tell({ type: "tool_called", agent_name: "Analyst", content: "", metadata: tool });
	part("m1", 3, "It is a shop.");
	part("m1", 4, "I look at it. It is a shop.", true);
	part("m2", 1, "Half a");
	simulation.give({ type: "lose", fence: simulation.fence, processes: 0, reference: "r" });
	simulation.begin();
	simulation.tell({ type: "agent_response", agent_name: "Analyst", content: "", metadata: { text: "It is not.", facts: {} } });
	simulation.give(fails(simulation));
	return simulation;
}

/** What the real client makes of these events. */
const seen = (events: readonly object[], messages: Parameters<typeof agentOf>[1] = []) => watch(agentOf(events, messages));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a run (R100)", () => {
	it("of a deployment that succeeded ends in success, with the fold as its state and what the agents said as its messages", async () => {
		const { events } = success();
		const told = wholeRun(events);
		expect(problemsOf(told)).toEqual([]);
		expect(told.at(-1)).toMatchObject({
			type: "RUN_FINISHED",
			outcome: { type: "success" },
			result: { deployment: "x", project: "web-shop" },
		});
		const { state, messages, error } = await seen(told);
		expect(error).toBeNull();
		expect(state).toEqual(plain(foldAll("x", events)));
		expect(messages.map((message) => [message.role, "name" in message && message.name, message.content])).toEqual(
			["Analyst", "Architect", "Developer", "Tester", "Deployer"].map((name) => ["assistant", name, "All of it went well."]),
		);
		expect(told.filter(({ type }) => type === "STEP_STARTED").map((event) => "stepName" in event && event.stepName)).toEqual([...stages]);
	});

	it("of a deployment that failed ends in an error that says what happened and what to do", async () => {
		const told = wholeRun(story(begins, fails).events);
		expect(problemsOf(told)).toEqual([]);
		expect(told.at(-1)).toEqual({ type: "RUN_ERROR", code: "build_failed", message: "The build command failed. Retry. Reference: r" });
		expect((await seen(told)).events).toHaveLength(told.length);
	});

	it("of a deployment that was cancelled says so", async () => {
		const told = wholeRun(story(() => ({ type: "cancel", by: "u" })).events);
		expect(problemsOf(told)).toEqual([]);
		expect(told.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "cancelled" } });
		expect((await seen(told)).error).toBeNull();
	});

	it("of a paused deployment is interrupted, and goes on where it stood", async () => {
		const simulation = story(begins, () => ({ type: "pause", by: "u" }), completes);
		const before = wholeRun(simulation.events);
		expect(problemsOf(before)).toEqual([]);
		expect(before.at(-1)).toMatchObject({ outcome: { type: "interrupt", interrupts: [{ id: "pause", reason: "paused" }] } });
		const agent = agentOf(before);
		expect((await watch(agent)).error).toBeNull();
		expect(agent.pendingInterrupts).toHaveLength(1);

		const from = simulation.state.lastSeq;
		simulation.give({ type: "resume", by: "u" });
		for (const _ of stages.slice(1)) {
			simulation.begin();
			simulation.give(completes(simulation));
		}
		const after = wholeRun(simulation.events, { from });
		expect(problemsOf(after)).toEqual([]);
		const whole = await seen(wholeRun(simulation.events));
		const parts = await seen(after);
		expect(parts.error).toBeNull();
		expect([parts.state, parts.messages]).toEqual([whole.state, whole.messages]);
	});

	it("that goes on while the deployment is open has no end yet, which our check finds and the client's does not", async () => {
		const { told, run } = runOf(story(begins).events);
		expect(endOf(run)).toBeNull();
		expect((await seen(told)).error).toBeNull();
		expect(problemsOf(told)).toEqual(["0 ends, the last event is STATE_DELTA"]);
	});

	it("may begin and break off at any event: every step of it is closed, and nothing is told twice", async () => {
		const { events } = success();
		const whole = await seen(wholeRun(events));
		for (let from = 0; from < events.length; from++) {
			const { told, run } = runOf(events.slice(0, from + 1));
			const broken = [...told, ...breakOff(run, { code: "shutting_down", message: "Quayside is restarting.", action: "", reference: "" })];
			expect(problemsOf(broken)).toEqual([]);
			const again = wholeRun(events, { from, held: runOf(events.slice(0, from)).run.said.messages });
			expect(problemsOf(again)).toEqual([]);
			const { error, state, messages } = await seen(again);
			expect({ from, error, state, messages }).toEqual({ from, error: null, state: whole.state, messages: whole.messages });
		}
	});

	it("tells words that grow as they come, and tools with what came of them", async () => {
		const { events } = thinking();
		const told = wholeRun(events);
		expect(problemsOf(told)).toEqual([]);
		const { messages, error } = await seen(told);
		expect(error).toBeNull();
		expect(messages.map(({ role, content }) => [role, content])).toEqual([
			["assistant", "I look at it. It is a shop."],
			["assistant", undefined],
			["tool", expect.stringContaining("214 files")],
			["assistant", "Half a"],
			["assistant", "It is not."],
		]);
		expect(messages[1]).toMatchObject({ toolCalls: [{ function: { name: "list_files" } }] });
		const deltas = told.flatMap((event) => (event.type === "TEXT_MESSAGE_CONTENT" ? event.delta : []));
		expect(deltas).toEqual(["I look ", "at it. ", "It is a shop.", "Half a", "It is not."]);
		for (let from = 1; from < events.length; from++) {
			const parts = await seen(wholeRun(events, { from }));
			expect({ from, error: parts.error, messages: parts.messages }).toEqual({ from, error: null, messages });
		}
	});

	it("keeps what a person wrote and tells anew what the agents said", async () => {
		const mine = { id: "mine", role: "user" as const, content: "Deploy it." };
		const half = { id: "half", role: "assistant" as const, content: "All of" };
		const { messages } = await seen(wholeRun(success().events, { held: [mine, half] }), [mine, half]);
		expect(messages.map(({ id }) => id)[0]).toBe("mine");
		expect(messages).toHaveLength(6);
	});
});

describe("an event of every type", () => {
	it.each(eventTypes)("%s is told once, whole and as AG-UI has it", async (type) => {
		const event = sampleOf(type);
		const { run, told } = runOf([event]);
		const events = [...told, ...(endOf(run) ?? breakOff(run, { code: "internal", message: "", action: "", reference: "" }))];
		expect(problemsOf(events)).toEqual([]);
		const carried = events.filter((one) => one.rawEvent !== undefined);
		expect(carried).toMatchObject([{ type: "STATE_DELTA", rawEvent: event, timestamp: Date.parse(event.timestamp) }]);
		expect((await seen(events)).state).toEqual(plain(foldAll("x", [event])));
	});
});

/** An event of a type with the least its schema asks for. */
function sampleOf(type: EventType): StreamEvent {
	const metadata = exampleOf(z.toJSONSchema(metadataSchemas[type], { io: "input" }) as JsonSchema);
	expect(metadataSchemas[type].safeParse(metadata)).toMatchObject({ success: true });
	return {
		id: "0".repeat(26),
		seq: 1,
		stream: "deployment/x",
		deployment_id: "x",
		type,
		timestamp: "2026-01-01T00:00:00.000Z",
		agent_name: "Tester",
		stage: "build",
		content: "Something happened.",
		metadata,
		requires_ack: false,
	} as StreamEvent;
}

interface JsonSchema {
	type?: string;
	const?: unknown;
	enum?: unknown[];
	anyOf?: JsonSchema[];
	oneOf?: JsonSchema[];
	properties?: Record<string, JsonSchema>;
	required?: string[];
	items?: JsonSchema;
	minItems?: number;
	minimum?: number;
	minLength?: number;
}

function exampleOf(schema: JsonSchema): unknown {
	if (schema.const !== undefined) return schema.const;
	if (schema.enum) return schema.enum[0];
	const [option] = schema.anyOf ?? schema.oneOf ?? [];
	if (option) return exampleOf(option);
	switch (schema.type) {
		case "object":
			return Object.fromEntries((schema.required ?? []).map((name) => [name, exampleOf(schema.properties?.[name] ?? {})]));
		case "array":
			return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items ?? {}));
		case "string":
			return "s".repeat(Math.max(1, schema.minLength ?? 1));
		case "number":
		case "integer":
			return Math.max(0, schema.minimum ?? 0);
		case "boolean":
			return false;
		default:
			return null;
	}
}
