import type { PlanDraft, Task } from "../../../../lib/protocol/index.ts";
import type { ProductFile } from "../author.ts";
import type { Spec } from "../spec.ts";

/** A product that can be filled from a brief. Pure: the same spec, the same files. */
export interface Template {
	/** What it consists of, in the order in which it is made. */
	tasks(spec: Spec): readonly TemplateTask[];
	/** What differs from a site of files without a build. */
	plan?: Pick<PlanDraft, "kind"> & Partial<PlanDraft>;
}

export interface TemplateTask extends Pick<Task, "name" | "acceptance"> {
	files: readonly ProductFile[];
}
