import type { Plan, PlanOverrides, Stage, WorkFailure } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";

/** A failure with a known cause, and everything a rule may look at to repair it. */
export interface Trouble {
	stage: Stage;
	failure: WorkFailure;
	plan: Plan;
	/** Folder of the project: where its quayside.json lies. */
	project: Workspace;
	/** Folder of the app that is built; the same, unless it is one of several in the repository. */
	app: Workspace;
	/** Folder in which the dependencies are installed. */
	installed: Workspace;
	/** What the project's settings fix about the plan; they win over quayside.json. */
	settings: PlanOverrides;
	/** Names of the variables the project has. */
	variables: ReadonlySet<string>;
	/** Memory the build has, and the most it may be given on this machine, in MB. */
	memoryMb: number;
	mostMemoryMb: number;
}

/** One file as it should be. */
export interface Change {
	files: Workspace;
	/** Relative to `files`. */
	path: string;
	text: string;
}

export interface Repair {
	/** What it does, as a sentence without its end: "Install with npm install in place of npm ci". */
	title: string;
	changes: Change[];
	buildMemoryMb?: number;
}

/** A way to repair failures of certain known causes. It reads files and runs nothing. */
export interface Rule {
	/** Ids of the causes it knows how to repair. */
	causes: readonly string[];
	/** null where this failure is not one of those it can repair honestly. */
	repair(trouble: Trouble): Promise<Repair | null>;
}
