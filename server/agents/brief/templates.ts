import { failed, type Outcome, type PlanDraft, planSchema, succeeded, type Understanding } from "../../../lib/protocol/index.ts";
import { ownContainerFiles } from "../../plan/dockerfile.ts";
import type { Author, AuthorRequest } from "./author.ts";
import { readSpec } from "./read/read-spec.ts";
import type { Kind, Spec } from "./spec.ts";
import { api } from "./templates/api.ts";
import { blog } from "./templates/blog.ts";
import { dashboard } from "./templates/dashboard.ts";
import { docs } from "./templates/docs.ts";
import { landing, portfolio, waitlist } from "./templates/landing.ts";
import type { Template, TemplateTask } from "./templates/template.ts";
import { todo } from "./templates/todo.ts";
import { wordsOf } from "./words/words-of.ts";

const templates: Readonly<Record<Kind, Template>> = { landing, portfolio, docs, blog, dashboard, todo, api, waitlist };

/** Fills starter templates from what a brief says, without any model. The same words make the same product. */
export const templateAuthor: Author = {
	nameOf: () => "a starter template",

	async accepts(brief) {
		const spec = readSpec(brief);
		return spec.ok ? succeeded(null) : spec;
	},

	async understand(brief) {
		const spec = readSpec(brief);
		return spec.ok ? succeeded(understandingOf(spec.value)) : spec;
	},

	async plan({ brief }) {
		const spec = readSpec(brief);
		if (!spec.ok) return spec;
		const kind = english.kinds[spec.value.kind];
		return succeeded({
			sentence: `Filling the starter template “${kind}” with what the brief says. No model is used.`,
			tasks: tasksOf(spec.value).map(({ name, acceptance, files }) => ({ name, acceptance, files: files.map(({ path }) => path) })),
			plan: planOf(spec.value),
		});
	},

	async write(task, request) {
		const written = filesOf(task.name, request);
		return written.ok ? succeeded(written.value.files) : written;
	},
};

const english = wordsOf("en");

const tasksOf = (spec: Spec): readonly TemplateTask[] => templates[spec.kind].tasks(spec);

function filesOf(name: string, { brief }: AuthorRequest): Outcome<TemplateTask> {
	const spec = readSpec(brief);
	if (!spec.ok) return spec;
	const task = tasksOf(spec.value).find((candidate) => candidate.name === name);
	return task ? succeeded(task) : failed({ code: "result_missing" });
}

function understandingOf({ kind, name, language, sections, notes }: Spec): Understanding {
	return { kind: english.kinds[kind], name, language, sections: sections.map(({ title }) => title), notes };
}

function planOf(spec: Spec): PlanDraft {
	const { plan } = templates[spec.kind];
	const kind = english.kinds[spec.kind];
	const draft: PlanDraft = {
		provider: "brief",
		framework: `Template: ${kind}`,
		summary: `Starter template “${kind}”, no build, tests with node --test`,
		kind: "static",
		directory: "",
		nodeVersion: "24",
		packageManager: null,
		install: null,
		build: null,
		test: ["node", "--test"],
		start: null,
		output: ".",
		spaFallback: false,
		healthPath: "/",
		confidence: 1,
		evidence: [],
		warnings: ["This is a starter template, filled from the brief. Texts that the brief did not give say what belongs in their place."],
		dockerfile: null,
		language: plan?.kind === "process" ? "JavaScript" : "HTML",
		tools: [{ name: "node", version: "24" }],
		...plan,
	};
	return { ...draft, ...ownContainerFiles(planSchema.parse(draft)) };
}
