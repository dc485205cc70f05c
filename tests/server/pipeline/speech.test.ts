import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { conversationOf } from "#lib/deployment/conversation.ts";
import { foldAll, isPart } from "#lib/deployment/fold.ts";
import { agentOfStage, agents, type EventOf, isTerminal, type StreamEvent, stages, succeeded } from "#lib/protocol/index.ts";
import type { Work } from "#server/agents/agent.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { admin, done, type Performance, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";

let database: TestDatabase;
let pipeline: TestPipeline | null = null;
beforeAll(async () => {
	database = await startTestDatabase();
});
afterEach(async () => {
	await pipeline?.stop();
	pipeline = null;
});
afterAll(() => database?.stop());

const words = "These are the words of an agent, one after the other, and no word is lost. ".repeat(3);
const isLast = (stage: (typeof stages)[number]) => stages.findLast((one) => agentOfStage[one] === agentOfStage[stage]) === stage;

/** Says the words bit by bit and answers with them. */
const speaking: Performance = async (stage, work) => {
	if (!isLast(stage)) return succeeded(done);
	const message = work.speak();
	for (const word of words.match(/\S+\s/g) ?? []) {
		message.add(word);
		if (word === "other, ") await work.record({ type: "system", content: "Meanwhile.", metadata: { message_type: "info" } });
	}
	const { text, answered } = message.end();
	return succeeded({ ...done, response: text, answered: { ...answered, model: "p/m" } });
};

const responses = (events: readonly StreamEvent[]) =>
	events.filter((event): event is EventOf<"agent_response"> => event.type === "agent_response");

it("five agents answer in order, each in parts that together are its answer (R80, R174, R182)", async () => {
	pipeline = await startTestPipeline(database, speaking);
	const id = await pipeline.start();
	const state = await pipeline.until(id, ({ status }) => isTerminal(status));
	const events = await pipeline.events(id);
	expect(foldAll(id, events)).toEqual(state);
	expect(state).toMatchObject({ status: "succeeded", speaking: null });
	const whole = responses(events).filter((event) => !isPart(event));
	expect(whole.map(({ agent_name }) => agent_name)).toEqual([...agents]);
	for (const { metadata, seq } of whole) {
		const parts = responses(events).filter((event) => event.metadata.message === metadata.message && event.seq < seq);
		expect(parts.length).toBeGreaterThan(1);
		expect(parts.map(({ metadata: { part } }) => part)).toEqual(parts.map((_, index) => index + 1));
		expect(parts.map(({ metadata: { text } }) => text).join("")).toBe(metadata.text);
		expect(metadata).toMatchObject({ text: words, part: parts.length + 1, final: true, model: "p/m" });
	}

	const timeline = await pipeline.service.timeline(admin, id, { limit: 200 });
	expect(timeline.events).toEqual(events.filter((event) => event.type !== "log" && !isPart(event)));
	const said = conversationOf(timeline.events).flatMap(({ speaker, items }) =>
		items.flatMap((item) => (item.kind === "message" ? [[speaker, item.text]] : [])),
	);
	expect(said).toEqual(agents.map((name) => [name, words]));
});

it("a message that its server's death cut off is never whole, and the next attempt says all of it once (R183)", async () => {
	const dead: Work[] = [];
	const first = await startTestPipeline(database, async (stage, work) => {
		if (stage !== "plan") return speaking(stage, work);
		dead.push(work);
		const message = work.speak();
		message.add("Half of a ");
		message.add("sentence that ");
		return new Promise(() => {});
	});
	const id = await first.start();
	const cut = await first.until(id, (state) => state.speaking?.text.endsWith("that ") ?? false);
	expect(cut.speaking).toMatchObject({ agent: "Architect", text: "Half of a sentence that " });
	await first.queue.stop();

	pipeline = await startTestPipeline(database, speaking);
	await pipeline.recover();
	const state = await pipeline.until(id, ({ status }) => isTerminal(status));
	expect(state).toMatchObject({ status: "succeeded", speaking: null });
	dead[0]?.speak().add("a dead attempt says nothing more ");
	const events = await pipeline.events(id);
	const architect = responses(events).filter(({ agent_name }) => agent_name === "Architect");
	const whole = architect.filter((event) => !isPart(event));
	expect(whole.map(({ metadata }) => metadata.text)).toEqual([words]);
	expect(architect.filter(({ metadata }) => metadata.message === cut.speaking?.message).every(isPart)).toBe(true);
	expect(JSON.stringify(conversationOf(events))).not.toContain("Half of a");
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
});
