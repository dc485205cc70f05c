import type { Brief, Outcome, Plan, PlanDraft, Task, Understanding } from "../../../lib/protocol/index.ts";
import type { Work } from "../agent.ts";

/**
 * Who turns words into a product. The pipeline asks it stage by stage: analyze (`understand`), plan (`plan`), write (`write`, task by
 * task), and hands on what it answered before through the recorded state, so that any stage can be done again on another node.
 * What it answers is data: paths and sizes are checked by those who store it.
 */
export interface Author {
	/** What made a product with this plan, for people: "a starter template". */
	nameOf(plan: Pick<Plan, "provider">): string;
	/**
	 * Whether something can be made of a brief that has passed `checkBrief`, or of a follow-up to it. Asked before anything is
	 * recorded, so that a refusal loses no text. Fails with `brief_unusable`, `message_not_understood`.
	 */
	accepts(brief: Brief): Promise<Outcome<null>>;
	/** What is wanted. */
	understand(brief: Brief, work: Work): Promise<Outcome<Understanding>>;
	/** How it is made and how it runs. */
	plan(request: AuthorRequest, work: Work): Promise<Outcome<ProductPlan>>;
	/** The files of one task of the plan; those of the tasks before it are in `written`. */
	write(
		task: Task,
		request: AuthorRequest & { written: ReadonlyMap<string, string> },
		work: Work,
	): Promise<Outcome<readonly ProductFile[]>>;
}

export interface AuthorRequest {
	brief: Brief;
	/** As it was recorded. */
	understanding: Understanding;
}

export interface ProductPlan {
	/** One sentence that says what makes it: "Filled from the starter template “landing page”." */
	sentence: string;
	/** The model that writes it. Its name is for those who see the deployment, and not for strangers, so it is no part of the sentence. */
	model?: string;
	/** In the order in which they are carried out. */
	tasks: readonly Omit<Task, "id">[];
	/** How the finished product is built, tested and run. */
	plan: PlanDraft;
}

/** One text file of a product. */
export interface ProductFile {
	/** Relative to the product's root, with forward slashes. */
	path: string;
	text: string;
}
