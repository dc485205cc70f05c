import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Plan, type PlanOverrides, planSchema, type WorkFailure } from "#lib/protocol/index.ts";
import { choosePlan } from "#server/plan/choose.ts";
import { detectPlans } from "#server/plan/detect.ts";
import { openWorkspace, type Workspace } from "#server/source/workspace.ts";

/** Files of a repository; an object is written as JSON. */
export type Files = Readonly<Record<string, string | object>>;

/** Repositories for tests of plans, in a folder that goes with them. */
export interface Workspaces {
	of(files: Files, directory?: string): Promise<Workspace>;
	/** All plans that are detected. */
	plans(files: Files, directory?: string): Promise<Plan[]>;
	/** The first plan. Throws when there is none. */
	plan(files: Files, directory?: string): Promise<Plan>;
	/** The plan as people want it, by quayside.json and these settings. Throws when it cannot be made. */
	chosen(files: Files, settings?: PlanOverrides): Promise<Plan>;
	/** Why no plan can be chosen. Throws when one can. */
	refusal(files: Files, settings?: PlanOverrides): Promise<WorkFailure>;
	remove(): Promise<void>;
}

export async function openWorkspaces(): Promise<Workspaces> {
	const folder = await mkdtemp(join(tmpdir(), "quayside-plan-"));

	async function of(files: Files, directory?: string): Promise<Workspace> {
		const root = join(folder, randomUUID());
		await mkdir(root);
		for (const [path, content] of Object.entries(files)) {
			await mkdir(dirname(join(root, path)), { recursive: true });
			await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
		}
		return openWorkspace(root, directory ?? null);
	}

	async function plans(files: Files, directory?: string): Promise<Plan[]> {
		const found = await detectPlans(await of(files, directory));
		for (const plan of found) planSchema.parse(plan);
		return found;
	}

	return {
		of,
		plans,
		async plan(files, directory) {
			const [plan] = await plans(files, directory);
			if (!plan) throw new Error("no plan was found");
			return plan;
		},
		async chosen(files, settings) {
			const outcome = await choosePlan(await of(files), settings);
			if (!outcome.ok) throw new Error(outcome.failure.message);
			return planSchema.parse(outcome.value.plan);
		},
		async refusal(files, settings) {
			const outcome = await choosePlan(await of(files), settings);
			if (outcome.ok) throw new Error(`there is a plan: ${outcome.value.plan.summary}`);
			return outcome.failure;
		},
		remove: () => rm(folder, { recursive: true, force: true }),
	};
}
