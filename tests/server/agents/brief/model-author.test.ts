import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import { type Brief, type EventDraft, failed, planSchema, succeeded, type Task, type Understanding } from "#lib/protocol/index.ts";
import type { Work } from "#server/agents/agent.ts";
import { createBriefArchitect } from "#server/agents/brief/agents.ts";
import { createModelAuthor } from "#server/agents/brief/model-author.ts";
import { templateAuthor } from "#server/agents/brief/templates.ts";
import type { ModelCall, Models } from "#server/models/models.ts";
import { createRedactor } from "#server/secrets/redact.ts";
import { listen } from "#tests/support/scratch.ts";

const brief: Brief = { text: "Create a simple landing page for tide tables", messages: [] };
const understanding: Understanding = { kind: "landing page", name: "Tides", language: "en", sections: ["Tides"], notes: [] };
const task: Task = { id: "t", name: "Pages", files: ["index.html", "css/site.css"] };

type Run = (call: ModelCall<never>) => ReturnType<Models["run"]>;
type Tool = { execute(input: object, options: object): Promise<string> };

const answer = (output: object) =>
	succeeded({ text: "", output: output as never, model: "p/m", tokens: null, costUsd: null, cached: false, durationMs: 1, attempts: 1 });

/** The author with a scripted model, and all that is said while it works. */
function author(run: Run, more: Partial<Work> = {}, isReady = true) {
	const events: EventDraft[] = [];
	const calls: ModelCall<never>[] = [];
	const work = {
		state: emptyState("d"),
		signal: new AbortController().signal,
		reporter: listen(),
		say: (event: EventDraft) => void events.push(event),
		redact: createRedactor([]).redact,
		earlier: async () => [],
		productOf: async () => null,
		...more,
	} as unknown as Work;
	const asking: Run = (call) => {
		calls.push(call);
		return run(call);
	};
	const models = { isReady: async () => isReady, run: asking } as unknown as Models;
	const made = createModelAuthor({ models, templates: templateAuthor, reportError: (error) => String(error) });
	return { author: made, work, events, calls };
}

const planOf = (tasks: object[], runtime = "site") => answer({ runtime, tasks });
/** A plan whose files a model is to write. */
async function written(): Promise<DeploymentState> {
	const { author: made, work } = author(async () => planOf([{ name: "Pages", files: task.files }]));
	const planned = await made.plan({ brief, understanding }, work);
	if (!planned.ok) throw new Error("not planned");
	return { ...emptyState("d"), plan: planSchema.parse(planned.value.plan), tasks: [{ ...task, status: "running", durationMs: null }] };
}

/** Writes these files with the tool, as a model would; answers what it was told. */
async function write(state: DeploymentState, files: readonly [string, string][], more: Partial<Work> = {}) {
	const told: string[] = [];
	const {
		author: made,
		work,
		events,
	} = author(
		async ({ tools }) => {
			const tool = tools?.write_file as unknown as Tool;
			for (const [path, content] of files) told.push(await tool.execute({ path, content }, {}));
			return answer({ message: "Done." });
		},
		{ state, ...more },
	);
	return { outcome: await made.write(task, { brief, understanding, written: new Map() }, work), told, events };
}

describe("a model plans a product", () => {
	test("as tasks with files and acceptance", async () => {
		const tasks = [
			{ name: "HTML structure", files: ["index.html"], acceptance: ["It has a heading."] },
			{ name: "CSS styles", files: ["site.css"], acceptance: [] },
		];
		const { author: made, work, calls } = author(async () => planOf(tasks));
		const planned = await made.plan({ brief, understanding }, work);
		expect(planned).toMatchObject({ ok: true, value: { tasks, plan: { kind: "static", output: ".", build: null } } });
		expect(calls[0]).toMatchObject({ agent: "Architect", purpose: "plan" });
		expect(calls[0]?.tools).toBeUndefined();
	});

	test("which model it is stands beside the sentence, because strangers read the Architect's answer", async () => {
		const { author: made, work, events } = author(async () => planOf([{ name: "Pages", files: task.files }]));
		const source = { type: "brief", url: "", ref: null, directory: null, private: false, brief } as const;
		const stages = emptyState("d").stages.map((one) => (one.stage === "analyze" ? { ...one, output: { understanding } } : one));
		const state = { ...emptyState("d"), source, stages };
		const whole = { ...work, state, planOverrides: {}, record: async () => {}, keepArtifact: async () => {} } as unknown as Work;
		const outcome = await createBriefArchitect(made).perform("plan", whole);
		expect(outcome).toMatchObject({ ok: true, value: { response: expect.stringMatching(/A model writes it, task by task\.$/) } });
		expect(JSON.stringify(outcome)).not.toContain("p/m");
		expect(events.find(({ type }) => type === "status")?.content).toBe("A model writes it, task by task. It is p/m.");
	});

	const large = Array.from({ length: 8 }, (_, n) => ({
		name: "x",
		files: [n === 0 ? "index.html" : `${n}.html`, `${n}${"漢".repeat(190)}`],
		acceptance: Array(5).fill("漢".repeat(200)),
	}));
	test.each([
		["without its first page", planOf([{ name: "x", files: ["other.html"] }])],
		["with a file twice", planOf([{ name: "x", files: ["index.html", "index.html"] }])],
		["larger than an event", planOf(large)],
		["not at all", failed({ code: "model_timeout" as const })],
	])("%s: a starter template takes over, and it is said", async (_, planned) => {
		const { author: made, work, events } = author(async () => planned);
		const outcome = await made.plan({ brief, understanding }, work);
		expect(outcome).toMatchObject({ ok: true, value: { plan: { framework: expect.stringContaining("Template") } } });
		expect(events.at(-1)).toMatchObject({
			type: "agent_status",
			metadata: { degraded: { sentence: "I'm designing the system architecture. This may take a moment to ensure quality." } },
		});
	});

	test("no model: the templates do everything", async () => {
		const { author: made, work, calls } = author(async () => failed({ code: "internal" }), {}, false);
		expect(await made.accepts(brief)).toEqual(await templateAuthor.accepts(brief));
		expect(await made.understand(brief, work)).toEqual(await templateAuthor.understand(brief, work));
		expect(calls).toEqual([]);
	});
});

describe("a model writes files", () => {
	test("of its task, each with a diff", async () => {
		const { outcome, events } = await write(await written(), [
			["index.html", "<h1>Tides</h1>\n"],
			["./css//site.css", "h1 {}\n"],
		]);
		expect(outcome).toEqual(
			succeeded([
				{ path: "index.html", text: "<h1>Tides</h1>\n" },
				{ path: "css/site.css", text: "h1 {}\n" },
			]),
		);
		const calls = events.flatMap((event) => (event.type === "tool_called" ? [event.metadata] : []));
		expect(calls).toMatchObject([
			{ tool: "write_file", ok: true, file: "index.html", diff: expect.stringContaining("+<h1>Tides</h1>") },
			{ ok: true, file: "css/site.css" },
		]);
	});

	test("with as much of a large diff as fits into an event, whatever it is written in", async () => {
		const { outcome, events } = await write(await written(), [
			["index.html", "漢".repeat(20_000)],
			["css/site.css", '\u0001"\n'.repeat(20_000)],
		]);
		expect(outcome.ok).toBe(true);
		const sizes = events.flatMap((event) => (event.type === "tool_called" ? [Buffer.byteLength(JSON.stringify(event))] : []));
		expect(sizes).toHaveLength(2);
		expect(Math.max(...sizes)).toBeLessThan(16 * 1024);
	});

	test("nowhere else, whatever it was told, and everybody sees that it tried", async () => {
		const bad: [string, string][] = [
			["../../etc/passwd", "root::0:0"],
			["/etc/cron.d/x", "x"],
			[".git/hooks/post-checkout", "x"],
			[".env", "KEY=x"],
			["package.json", "{}"],
			["index.html", "x".repeat(300 * 1024)],
			["css/site.css", ""],
		];
		const { outcome, told, events } = await write(await written(), bad);
		expect(told.every((answer) => answer.startsWith("Refused: "))).toBe(true);
		expect(events.filter((event) => event.type === "tool_called" && !event.metadata.ok)).toHaveLength(bad.length);
		expect(outcome).toMatchObject({ ok: false, failure: { code: "model_malformed", message: expect.stringContaining("index.html") } });
	});

	test("or fails the Developer: nothing takes over once something is written", async () => {
		const state = await written();
		const { author: made, work } = author(async () => failed({ code: "model_interrupted" }), { state });
		const outcome = await made.write(task, { brief, understanding, written: new Map() }, work);
		expect(outcome).toEqual(failed({ code: "model_interrupted" }));
	});
});

describe("a follow-up", () => {
	const files = new Map([
		["index.html", "<h1>Tides</h1>\n"],
		["site.css", "h1 {}\n"],
	]);
	const changed: Brief = {
		...brief,
		messages: ["make the header blue"],
		follow_up: { of: "a", number: 1, message: "make the header blue" },
	};
	const saying = (messages: string[], of: string, message: string): Brief => ({
		...brief,
		messages,
		follow_up: { of, number: 1, message },
	});
	const blue = changed.messages;
	/** Made, changed twice, and the last change taken back. */
	const history = { a: brief, b: changed, c: saying([...blue, "larger"], "b", "larger"), d: saying(blue, "c", "undo") };
	const earlier: Work["earlier"] = async (only) => {
		const { plan } = await written();
		const source = { type: "brief" as const, url: "brief:tides", ref: null, directory: null, private: false };
		const all = Object.entries(history).map(([id, made]) => ({ ...emptyState(id), plan, source: { ...source, brief: made } }));
		const isWanted = ({ id, source }: (typeof all)[number]) =>
			only?.brief ? isDeepStrictEqual(source.brief.messages, only.brief.messages) : id === only?.id;
		return all.filter(isWanted).reverse();
	};

	test("changes what is asked for and keeps the rest", async () => {
		const { author: made, work } = author(async () => planOf([{ name: "Blue header", files: ["site.css"] }]), {
			earlier,
			productOf: async (id) => (id === "a" ? files : null),
		});
		const planned = await made.plan({ brief: changed, understanding }, work);
		expect(planned).toMatchObject({
			ok: true,
			value: { tasks: [{ files: ["index.html"] }, { name: "Blue header", files: ["site.css"] }] },
		});
		const keeping = { id: "k", ...(planned.ok ? planned.value.tasks[0] : { name: "" }) } as Task;
		const state = { ...(await written()), source: null };
		const kept = await made.write(keeping, { brief: changed, understanding, written: new Map() }, { ...work, state } as Work);
		expect(kept).toEqual(succeeded([{ path: "index.html", text: "<h1>Tides</h1>\n" }]));
	});

	const older = new Map([["index.html", "<h1>Old</h1>\n"]]);
	const undone: [string, Brief, Record<string, ReadonlyMap<string, string>>][] = [
		["a change", saying([], "b", "undo"), { a: files, b: older }],
		["the change before one that was taken back", saying([], "d", "undo"), { a: files, b: older, c: older, d: older }],
		["a change after one that was taken back", saying(blue, "e", "undo"), { a: older, b: older, d: files }],
		["a change once its undo has failed", saying(blue, "c", "undo"), { a: older, b: files, c: older }],
	];
	test.each(undone)("that takes back %s needs no model", async (_, asked, kept) => {
		const productOf = async (id: string) => kept[id] ?? null;
		const { author: made, work, calls } = author(async () => failed({ code: "internal" }), { earlier, productOf });
		const planned = await made.plan({ brief: asked, understanding }, work);
		expect(planned).toMatchObject({ ok: true, value: { tasks: [{ files: ["index.html", "site.css"] }] } });
		expect(calls).toEqual([]);
	});

	const lost: [string, Brief, ReadonlyMap<string, string> | null][] = [
		["words nothing was made from", saying(["green"], "d", "undo"), files],
		["a product that is no longer kept", saying([], "b", "undo"), null],
	];
	test.each(lost)("that goes back to %s fails, and nothing is made anew", async (_, asked, kept) => {
		const { author: made, work, calls } = author(async () => planOf([task]), { earlier, productOf: async () => kept });
		const planned = await made.plan({ brief: asked, understanding }, work);
		expect(planned).toMatchObject({ ok: false, failure: { code: "result_missing" } });
		expect(calls).toEqual([]);
	});
});
