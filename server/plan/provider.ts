import type { Plan, PlanDraft, PlanOverrides, WorkFailure } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";

/** What people decided before anything is detected, because the commands of a plan follow from it. */
export type Wishes = Pick<PlanOverrides, "node" | "packageManager">;

/** The texts with which a plan becomes a container image. */
export type ContainerFiles = Pick<Plan, "dockerfile" | "dockerignore">;

/** One way to recognise a project. Reads files through the workspace and runs no process. */
export interface Provider {
	/** Also the plan's `provider`, or what stands before its colon: `node`, `node:apps/web`. */
	readonly name: string;
	/** A complete plan, several where the repository holds several apps, best first, or null when this is not its kind of project. */
	detect(workspace: Workspace, wishes: Wishes): Promise<PlanDraft | readonly PlanDraft[] | null>;
	/** Why a project of its kind cannot be deployed as it is; null when it is none. Asked only when there is no plan at all. */
	explain?(workspace: Workspace): Promise<WorkFailure | null>;
	/** The texts of one of its plans after people changed its commands. */
	containerFiles?(plan: Plan, workspace: Workspace): Promise<ContainerFiles>;
}

/** A plan in which nothing is done and nothing is needed: what a provider knows of its project stands over it. */
export const noSteps = {
	nodeVersion: null,
	packageManager: null,
	install: null,
	build: null,
	test: null,
	start: null,
	output: null,
	spaFallback: false,
	healthPath: "/",
	dockerfile: null,
} satisfies Partial<PlanDraft>;

/** The number of the first line that contains `text`, from 1, or null. */
export function lineOf(content: string, text: string): number | null {
	const at = content.indexOf(text);
	return at < 0 ? null : content.slice(0, at).split("\n").length;
}
