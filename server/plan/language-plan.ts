import { type Plan, type PlanDraft, planSchema } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { dockerignoreFor } from "./dockerfiles/ignore.ts";
import { type Image, imageText } from "./dockerfiles/image.ts";
import { readProcfile } from "./procfile.ts";
import { noSteps, type Provider } from "./provider.ts";

/** What is said of a project in some language; the rest of the plan follows from it. */
export type LanguagePlan = Pick<PlanDraft, "framework" | "summary" | "kind" | "confidence" | "evidence" | "warnings"> &
	Partial<PlanDraft> & { language: string };

export interface Language {
	/** Name of the provider. */
	name: string;
	/** Files that only projects in this language have, and what people call it. */
	signs: readonly string[];
	called: string;
	/** Null when this is not its kind of project. */
	detect(workspace: Workspace): Promise<LanguagePlan | null>;
	/** The image of a plan, also of one that people have changed. */
	image(plan: Plan, workspace: Workspace): Promise<Image>;
}

/** A provider of plans without Node. */
export function languageProvider({ name, signs, called, detect, image }: Language): Provider {
	const containerFiles = async (plan: Plan, workspace: Workspace) => ({
		dockerfile: imageText(await image(plan, workspace), plan),
		dockerignore: dockerignoreFor(plan.language),
	});
	return {
		name,
		containerFiles,
		async detect(workspace) {
			const detected = await detect(workspace);
			if (detected === null) return null;
			const said = detected.kind === "process" ? await asProcfileSays(workspace, detected) : detected;
			const plan = planSchema.parse({
				...noSteps,
				provider: name,
				directory: workspace.directory,
				...said,
				evidence: said.evidence.slice(0, 50),
				warnings: said.warnings.slice(0, 20),
			} satisfies PlanDraft);
			return { ...plan, ...(await containerFiles(plan, workspace)) };
		},
		async explain(workspace) {
			const [sign] = await presentOf(workspace, signs);
			if (sign === undefined) return null;
			return {
				code: "nothing_deployable",
				message: `${sign} says that this is a project in ${called}, but no program in it was found that listens for requests.`,
				action: `Say how it starts, and retry: a line such as “web: …” in a Procfile, or “start” in quayside.json or in the project's settings.`,
			};
		},
	};
}

/** A Procfile decides how an app starts that is recognised otherwise; its port is then the one it is given. */
async function asProcfileSays(workspace: Workspace, plan: LanguagePlan): Promise<LanguagePlan> {
	const web = await readProcfile(workspace);
	if (web === null) return plan;
	const summary = `${plan.summary.replace(/, (?:starts with|builds|serves) .*$/, "")}, starts with ${web.text}`;
	return { ...plan, summary, start: web.command, port: null, evidence: [web.evidence, ...plan.evidence] };
}

/** The version of a language that a plan asks for; null when it asks for none, or does not need the language. */
export function versionOf(plan: Plan, tool: Plan["tools"][number]["name"]): string | null {
	return plan.tools.find(({ name }) => name === tool)?.version ?? null;
}

/** Those of the files that are there. */
export async function presentOf(workspace: Workspace, files: readonly string[]): Promise<string[]> {
	const found: string[] = [];
	for (const file of files) if (await workspace.isFile(file)) found.push(file);
	return found;
}
