import { createTwoFilesPatch } from "diff";
import { z } from "zod";
import { formatCount } from "../../../lib/format.ts";
import {
	type AgentName,
	type Brief,
	failed,
	isUndo,
	maxEventBytes,
	type Outcome,
	type PlanDraft,
	planSchema,
	succeeded,
	type Task,
	type Understanding,
	understandingSchema,
	type WorkFailure,
} from "../../../lib/protocol/index.ts";
import { ownContainerFiles } from "../../plan/dockerfile.ts";
import type { Work } from "../agent.ts";
import { ask, degrade, type ThinkingOptions } from "../thinking/ask.ts";
import { fallbacks } from "../thinking/fallbacks.ts";
import type { Material } from "../thinking/prompt.ts";
import { ToolBox } from "../thinking/tool-box.ts";
import { addWriteTools } from "../thinking/write-tools.ts";
import type { Author, AuthorRequest, ProductFile, ProductPlan } from "./author.ts";

export interface ModelAuthorOptions extends ThinkingOptions {
	/** Takes over while nothing is written yet, and where no model is set up. */
	templates: Author;
}

/** Marks the plan of a product whose files a model writes. */
const provider = "model";
/** The task that writes nothing new. */
const keepName = "Keep the files that stay as they are";
const maxTurns = 16;
/** A plan and its tasks are one event; what the project's settings change about it has room beside it. */
const maxPlanBytes = maxEventBytes - 8 * 1024;
/** To understand and to plan; their stages have two minutes, in which a template takes over and the agent finds words. */
const thinkingMs = 75_000;

const planned = z.object({
	runtime: z.enum(["site", "node"]),
	tasks: z
		.array(
			z.object({
				name: z.string().min(1).max(80),
				files: z.array(z.string().min(1).max(200)).min(1).max(10),
				acceptance: z.array(z.string().min(1).max(200)).max(5).default([]),
			}),
		)
		.min(1)
		.max(8),
});
type Planned = z.infer<typeof planned>;

/**
 * A product written by models. What fails while a brief is understood or planned is done by templates, and said; what fails while files
 * are written fails the Developer, because half of a product is none.
 */
export function createModelAuthor(options: ModelAuthorOptions): Author {
	const { models, templates } = options;

	/** The answer of the model, or what the templates make of the same. */
	async function orTemplates<T>(
		agent: AgentName,
		work: Work,
		answer: Outcome<T>,
		byTemplates: () => Promise<Outcome<T>>,
	): Promise<Outcome<T>> {
		if (answer.ok) return answer;
		degrade(work, agent, answer.failure, fallbacks[agent]);
		const made = await byTemplates();
		return made.ok ? made : failed(answer.failure);
	}

	return {
		nameOf: (plan) => (plan.provider === provider ? "a model" : templates.nameOf(plan)),

		async accepts(brief) {
			return (await models.isReady("Developer")) ? succeeded(null) : templates.accepts(brief);
		},

		async understand(brief, work) {
			if (!(await models.isReady("Analyst"))) return templates.understand(brief, work);
			const answer = await ask(
				work,
				{
					agent: "Analyst",
					purpose: "summary",
					task: "Working out what is wanted.",
					instructions:
						"You are the Analyst. A person describes a small web product in words. Say what is wanted: its kind, a short name, the language of its texts (BCP 47), the headings of its sections in order. In notes, a sentence each: what you assumed, and what was asked for that a small site or a small Node server without packages cannot do.",
					request: "What is wanted?",
					materials: wishOf(brief),
					output: understandingSchema,
					box: new ToolBox(work),
					limitMs: thinkingMs,
				},
				options,
			);
			const understood: Outcome<Understanding> = answer.ok ? succeeded(answer.value.output) : answer;
			return orTemplates("Analyst", work, understood, () => templates.understand(brief, work));
		},

		async plan(request, work) {
			if (!(await models.isReady("Architect"))) return templates.plan(request, work);
			const before = await productBefore(request.brief, work);
			if (takesBack(request.brief)) return before ? succeeded(restored(before)) : failed(nothingToRestore);
			return orTemplates("Architect", work, await planWith(request, before, work, options), () => templates.plan(request, work));
		},

		async write(task, request, work) {
			if (work.state.plan?.provider !== provider) return templates.write(task, request, work);
			const before = await productBefore(request.brief, work);
			if (task.name === keepName) return keep(task, before?.files ?? new Map());
			return writeWith(task, request, before, work, options);
		},
	};
}

async function planWith(
	{ brief, understanding }: AuthorRequest,
	before: Before | null,
	work: Work,
	options: ModelAuthorOptions,
): Promise<Outcome<ProductPlan>> {
	const answer = await ask(
		work,
		{
			agent: "Architect",
			purpose: "plan",
			task: "Planning the product.",
			instructions:
				'You are the Architect. Plan a small product as tasks, each with the files it writes and what must be true when it is done. "site": plain HTML, CSS and JavaScript with an index.html, no build, no packages, nothing loaded from other hosts. "node": only when a server is asked for; a server.js for Node without packages that listens on the port in the variable PORT and answers "/". Every file belongs to one task; paths are relative, plain names. For a change, name only the files that change or are new.',
			request: before ? "Plan the change that was asked for last." : "Plan the product.",
			materials: [
				...wishOf(brief),
				{ label: "What was understood", text: JSON.stringify(understanding) },
				...filesAsMaterial(before?.files),
			],
			output: planned,
			box: new ToolBox(work),
			limitMs: thinkingMs,
		},
		options,
	);
	if (!answer.ok) return answer;
	const { tasks, runtime } = answer.value.output;
	const changed = new Set(tasks.flatMap(({ files }) => files));
	const kept = [...(before?.files.keys() ?? [])].filter((path) => !changed.has(path));
	const keeping = kept.length === 0 ? [] : [{ name: keepName, files: kept }];
	const made: ProductPlan = {
		sentence: "A model writes it, task by task.",
		model: answer.value.model,
		tasks: [...keeping, ...tasks],
		plan: before ? changedPlan(before.plan) : draftOf(runtime, kept.length + changed.size),
	};
	const problem = problemOf(answer.value.output, before, made);
	return problem === null ? succeeded(made) : failed({ code: "model_malformed", message: problem });
}

/** A template that a model has changed is no longer only that. */
function changedPlan(plan: PlanDraft): PlanDraft {
	const summary = plan.summary.replace(/, changed by a model$/, "");
	return { ...plan, summary: `${summary}, changed by a model` };
}

/** What is wrong with a plan that has the right form. */
function problemOf({ tasks, runtime }: Planned, before: Before | null, made: ProductPlan): string | null {
	const paths = tasks.flatMap(({ files }) => files);
	if (new Set(paths).size !== paths.length) return "The plan names a file twice.";
	const entry = runtime === "site" ? "index.html" : "server.js";
	if (!before && !paths.includes(entry)) return `The plan has no ${entry}.`;
	if (Buffer.byteLength(JSON.stringify(made)) > maxPlanBytes) return "The plan is too large to be kept.";
	return null;
}

async function writeWith(
	task: Task,
	{ brief, understanding, written }: AuthorRequest & { written: ReadonlyMap<string, string> },
	before: Before | null,
	work: Work,
	options: ModelAuthorOptions,
): Promise<Outcome<readonly ProductFile[]>> {
	const known = new Map([...(before?.files ?? []), ...written]);
	const box = new ToolBox(work);
	const files = addWriteTools(box, { mayWrite: task.files ?? [], known, diffOf, redact: work.redact });
	const answer = await ask(
		work,
		{
			agent: "Developer",
			purpose: "write",
			task: `Writing ${(task.files ?? []).join(", ")}.`,
			instructions: `You are the Developer. Carry out one task of the plan with the tool write_file: each of its files whole, once, with nothing left out. Write complete, accessible, responsive code with real texts in the language that is wanted; forms are validated in the browser and say what is wrong; nothing is loaded from other hosts. When all files of the task are written, answer with a sentence about what you made.`,
			request: `Carry out the task “${task.name}”. Its files: ${(task.files ?? []).join(", ")}.`,
			materials: [
				...wishOf(brief),
				{ label: "What was understood", text: JSON.stringify(understanding) },
				{
					label: "The whole plan",
					text: work.state.tasks.map(({ name, files, acceptance }) => JSON.stringify({ name, files, acceptance })).join("\n"),
				},
				...filesAsMaterial(known),
			],
			output: z.object({ message: z.string().max(2000) }),
			box,
			maxTurns,
		},
		options,
	);
	if (!answer.ok) return answer;
	const missing = (task.files ?? []).filter((path) => !files.has(path) && !known.has(path));
	if (missing.length > 0) return failed(unfinished(task, missing));
	return succeeded((task.files ?? []).map((path) => ({ path, text: files.get(path) ?? known.get(path) ?? "" })));
}

function unfinished({ name }: Task, missing: readonly string[]): WorkFailure {
	return {
		code: "model_malformed",
		message: `The model ended the task “${name}” without ${formatCount(missing.length, "file")}: ${missing.slice(0, 3).join(", ")}.`,
		action: "Retry from Write, or choose another model under Settings, Models.",
	};
}

function keep({ files = [] }: Task, before: ReadonlyMap<string, string>): Outcome<readonly ProductFile[]> {
	const kept = files.map((path) => ({ path, text: before.get(path) }));
	if (kept.some(({ text }) => text === undefined)) return failed({ code: "result_missing" });
	return succeeded(kept as ProductFile[]);
}

/** A product that is changed: its files and how it runs. */
interface Before {
	files: ReadonlyMap<string, string>;
	plan: PlanDraft;
}

const nothingToRestore: WorkFailure = {
	code: "result_missing",
	message: "The product as it was before the last change is no longer kept.",
	action: "Say what should be different, as a message after this one.",
};

/** True where the last change is only taken back: nothing is left to think about. */
const takesBack = ({ follow_up }: Brief): boolean => follow_up !== undefined && isUndo(follow_up.message);

/** The product that a follow-up goes on from, where a model wrote it or may; null for a new one, and where it is no longer kept. */
async function productBefore(brief: Brief, work: Work): Promise<Before | null> {
	if (!brief.follow_up) return null;
	// What is taken back may itself have taken something back: what was there before is known by its words, not by its place.
	for (const { id, plan } of await work.earlier(takesBack(brief) ? { brief } : { id: brief.follow_up.of })) {
		const files = await work.productOf(id);
		if (files && plan) return { files, plan: { ...plan, provider } };
	}
	return null;
}

function restored({ files, plan }: Before): ProductPlan {
	return { sentence: "Puts back what was there before the last change.", tasks: [{ name: keepName, files: [...files.keys()] }], plan };
}

function wishOf({ text, messages }: Brief): Material[] {
	const changes = messages.map((message, index) => `${index + 1}. ${message}`).join("\n");
	return [
		{ label: "What the person wants made", text },
		{ label: "What they asked to change since, oldest first", text: changes },
	];
}

function filesAsMaterial(files: ReadonlyMap<string, string> = new Map()): Material[] {
	return [...files].map(([path, text]) => ({ label: path, text }));
}

const diffOf = (path: string, before: string, after: string): string =>
	createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 3 });

function draftOf(runtime: Planned["runtime"], files: number): PlanDraft {
	const isSite = runtime === "site";
	const draft: PlanDraft = {
		provider,
		framework: isSite ? "Static site" : "Node server",
		summary: `${isSite ? "A site" : "A Node server"}, ${formatCount(files, "file")}, written by a model`,
		kind: isSite ? "static" : "process",
		directory: "",
		nodeVersion: isSite ? null : "24",
		packageManager: null,
		install: null,
		build: null,
		test: null,
		start: isSite ? null : ["node", "server.js"],
		output: isSite ? "." : null,
		spaFallback: false,
		healthPath: "/",
		confidence: 1,
		evidence: [],
		warnings: [],
		dockerfile: null,
		language: "JavaScript",
		tools: isSite ? [] : [{ name: "node", version: "24" }],
	};
	return { ...draft, ...ownContainerFiles(planSchema.parse(draft)) };
}
