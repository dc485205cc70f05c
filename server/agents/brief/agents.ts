import { outputOf } from "../../../lib/deployment/selectors.ts";
import type { DeploymentState, TaskState } from "../../../lib/deployment/state.ts";
import { AppError } from "../../../lib/errors.ts";
import { formatCount, formatDuration } from "../../../lib/format.ts";
import { type Brief, checkBrief, failed, type Outcome, planSchema, succeeded } from "../../../lib/protocol/index.ts";
import { applyOverrides } from "../../plan/overrides.ts";
import type { Agent, StageResult, Work } from "../agent.ts";
import { planOf } from "../source-of.ts";
import { newTaskId } from "../task-id.ts";
import type { Author, AuthorRequest } from "./author.ts";
import { addFiles, compareFiles, type Files, mediaTypeOf, storeFiles } from "./product-files.ts";

/** Name of the file that shows what a follow-up changed. */
export const changesFile = "changes.diff";

/** The agent that does a stage for repositories, with another one in its place where the source is a brief. */
export function withBriefs(forRepositories: Agent, forBriefs: Agent): Agent {
	const fitting = ({ source }: DeploymentState) => (source?.type === "brief" ? forBriefs : forRepositories);
	return {
		name: forRepositories.name,
		opening: (stage, state) => fitting(state).opening(stage, state),
		perform: (stage, work) => fitting(work.state).perform(stage, work),
		repair: async (stage, failure, work) => (await fitting(work.state).repair?.(stage, failure, work)) ?? null,
	};
}

/** Reads the brief and says what is wanted: clone, analyze. */
export function createBriefAnalyst(author: Author): Agent {
	return {
		name: "Analyst",
		opening: (stage, { source }) =>
			stage !== "clone" ? "Working out what is wanted." : source?.brief?.follow_up ? "Reading the follow-up." : "Reading the brief.",
		perform: (stage, work) => (stage === "clone" ? readBrief(work) : understand(work, author)),
	};
}

async function readBrief(work: Work): Promise<Outcome<StageResult>> {
	const { text, messages, follow_up } = briefOf(work.state);
	work.reporter.awaiting("the brief to be read");
	const checked = checkBrief(text);
	if (!checked.ok) return checked;
	const words = checked.value.split(/\s+/).length;
	const asked = messages.length === 0 ? "" : `, and ${formatCount(messages.length, "follow-up")}`;
	if (follow_up) work.reporter.output(`Follow-up to deployment ${follow_up.number}: ${follow_up.message}\n`, "quayside");
	return succeeded({
		text: `Read the brief, ${formatCount(words, "word")}${asked}`,
		facts: { words, followUps: messages.length },
		output: {},
	});
}

async function understand(work: Work, author: Author): Promise<Outcome<StageResult>> {
	work.reporter.awaiting("the brief to be understood");
	const understood = await author.understand(briefOf(work.state), work);
	if (!understood.ok) return understood;
	const { kind, name, language, sections, notes } = understood.value;
	for (const note of notes) work.reporter.output(`note: ${note}\n`, "quayside");
	const text = `Understood: a ${kind} called “${name}”, ${formatCount(sections.length, "section")}${sections.length > 0 ? ` (${sections.join(", ")})` : ""}`;
	return succeeded({
		text,
		facts: { kind, name, language, sections: sections.length },
		output: { understanding: understood.value },
		response: [`${text}.`, ...notes].join(" "),
	});
}

/** Turns what is wanted into tasks: plan. */
export function createBriefArchitect(author: Author): Agent {
	return {
		name: "Architect",
		opening: (_stage, state) => `Planning ${outputOf(state, "analyze").understanding?.name ?? "the product"}.`,
		perform: (_stage, work) => plan(work, author),
	};
}

async function plan(work: Work, author: Author): Promise<Outcome<StageResult>> {
	work.reporter.awaiting("the plan");
	const planned = await author.plan(requestOf(work.state), work);
	if (!planned.ok) return planned;
	const settings = { overrides: work.planOverrides, file: "The project's settings", verb: "set" as const, lineOf: () => null };
	const chosen = applyOverrides(planSchema.parse(planned.value.plan), Object.keys(work.planOverrides).length === 0 ? [] : [settings]);
	if (!chosen.ok) return chosen;
	const tasks = planned.value.tasks.map((task) => ({ id: newTaskId(), ...task }));
	const { sentence, model } = planned.value;
	work.say({ type: "status", content: model === undefined ? sentence : `${sentence} It is ${model}.`, metadata: {} });
	const plan = chosen.value;
	const recorded = work.record({ type: "plan_generated", content: plan.summary, metadata: { plan, tasks, alternatives: [] } });
	const shown = { tasks, plan };
	await Promise.all([recorded, work.keepArtifact("plan.json", "application/json", `${JSON.stringify(shown, null, "\t")}\n`)]);
	const files = tasks.flatMap((task) => task.files ?? []).length;
	const text = `Planned ${formatCount(tasks.length, "task")} and ${formatCount(files, "file")}: ${tasks.map(({ name }) => name).join(", ")}`;
	return succeeded({ text, facts: { tasks: tasks.length, files }, output: {}, response: `${text}. ${sentence}` });
}

/** Writes the product, task by task: write. */
export function createBriefDeveloper(author: Author): Agent {
	return {
		name: "Developer",
		opening: (_stage, { tasks }) => `Writing ${formatCount(tasks.flatMap(({ files }) => files ?? []).length, "file")}.`,
		perform: (_stage, work) => write(work, author),
	};
}

async function write(work: Work, author: Author): Promise<Outcome<StageResult>> {
	const files = new Map<string, string>();
	const { tasks, plan } = work.state;
	for (const [index, task] of tasks.entries()) {
		work.signal.throwIfAborted();
		const startedAt = performance.now();
		work.reporter.awaiting(`the files of “${task.name}”`);
		work.say({ type: "task_started", content: task.name, metadata: { task_id: task.id, name: task.name } });
		const done = await writeTask(task, files, work, author);
		if (!done.ok) return done;
		const duration_ms = Math.round(performance.now() - startedAt);
		work.say({ type: "task_completed", content: `Done: ${task.name}`, metadata: { task_id: task.id, name: task.name, duration_ms } });
		work.reporter.progress(`Done: ${task.name}`, Math.round(((index + 1) / tasks.length) * 100));
	}
	if (plan?.dockerfile) await work.keepArtifact("Dockerfile", "text/x-dockerfile", plan.dockerfile);
	const commit = await storeFiles(files, work.sourceDir(work.attemptId), work.attemptId, work.signal);
	const lines = [...files.values()].reduce((sum, text) => sum + text.trimEnd().split("\n").length, 0);
	const changed = await tellChanges(files, work);
	const text = `Wrote ${formatCount(files.size, "file")}, ${formatCount(lines, "line")}${changed}`;
	const { follow_up } = briefOf(work.state);
	const output = { source: work.attemptId, commit, commit_subject: (follow_up?.message ?? "Written from the brief").slice(0, 200) };
	return succeeded({
		text,
		facts: { files: files.size, lines },
		output,
		response: `${text}. Made with ${author.nameOf(planOf(work.state))}.`,
	});
}

async function writeTask(task: TaskState, files: Map<string, string>, work: Work, author: Author): Promise<Outcome<null>> {
	const written = await author.write(task, { ...requestOf(work.state), written: files }, work);
	if (!written.ok) return written;
	const added = addFiles(files, written.value, { mayWrite: task.files ?? [] });
	if (!added.ok) return added;
	const missing = task.files?.find((path) => !files.has(path));
	if (missing !== undefined)
		return failed({
			code: "brief_unusable",
			message: `The task “${task.name}” ended without its file “${missing}”.`,
			action: "Retry from Write.",
		});
	for (const { path, text } of written.value) await work.keepArtifact(path, mediaTypeOf(path), text);
	return succeeded(null);
}

/** Keeps the difference to the product that was followed up; the answer goes on a sentence. */
async function tellChanges(files: Files, work: Work): Promise<string> {
	const { follow_up } = briefOf(work.state);
	const before = follow_up ? await work.productOf(follow_up.of) : null;
	if (!follow_up || before === null) return "";
	const changes = compareFiles(before, files);
	if (changes.files.length === 0) return `; nothing differs from deployment ${follow_up.number}`;
	await work.keepArtifact(changesFile, mediaTypeOf(changesFile), changes.diff);
	return `; ${formatCount(changes.files.length, "file")} changed since deployment ${follow_up.number}, +${changes.added} −${changes.removed}`;
}

/** Host folder of the product; one that is not on this node any more is put together again from what was kept. */
export async function ensureProduct(work: Work, id: string): Promise<Outcome<string>> {
	const folder = work.sourceDir(id);
	const kept = await work.productOf(work.state.id);
	if (kept === null || kept.size === 0) return failed({ code: "result_missing" });
	const startedAt = performance.now();
	await storeFiles(kept, folder, work.attemptId, work.signal);
	work.reporter.output(
		`Put the product together again from what was kept, ${formatDuration(performance.now() - startedAt)}.\n`,
		"quayside",
	);
	return succeeded(folder);
}

function briefOf({ source }: DeploymentState): Brief {
	if (!source?.brief) throw new AppError("result_missing");
	return source.brief;
}

function requestOf(state: DeploymentState): AuthorRequest {
	const { understanding } = outputOf(state, "analyze");
	if (!understanding) throw new AppError("result_missing");
	return { brief: briefOf(state), understanding };
}
