import { pendingApproval } from "#lib/deployment/approvals.ts";
import { type AttemptJob, decide, type Input } from "#lib/deployment/decide.ts";
import { fold } from "#lib/deployment/fold.ts";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { ApprovalDecision, ApprovalPolicy, EventDraft, Failure, FixProposal, StreamEvent } from "#lib/protocol/index.ts";

/** A deployment in memory: what the stream and the job queue would hold, with a clock that ticks once an input. */
export class Simulation {
	state: DeploymentState = emptyState("01J00000000000000000000000");
	events: StreamEvent[] = [];
	jobs: AttemptJob[] = [];
	closed = false;
	#tick = 0;

	give(input: Input): boolean {
		const now = this.now();
		const verdict = decide(this.state, input, now);
		if (!verdict.ok) return false;
		for (const draft of verdict.events) this.#append(draft, now);
		if (verdict.job) this.jobs.push(verdict.job);
		this.closed ||= verdict.close;
		return true;
	}

	/** Fence of the running attempt, or one that never was. */
	get fence(): number {
		return this.state.stages.find(({ status }) => status === "running")?.fence ?? 999;
	}

	/** A worker takes the newest job, as the queue would hand it out. */
	begin(): boolean {
		const job = this.jobs.at(-1);
		return job ? this.give({ type: "begin", ...job, node: "node", text: `Working on ${job.stage}.` }) : false;
	}

	now(): string {
		return new Date(Date.UTC(2026, 0, 1) + this.#tick++ * 100).toISOString();
	}

	/** What an attempt says by itself. */
	tell(draft: EventDraft): void {
		this.#append(draft, this.now());
	}

	#append(draft: EventDraft, now: string): void {
		const event = {
			agent_name: null,
			stage: null,
			requires_ack: false,
			...draft,
			id: String(this.events.length).padStart(26, "0"),
			seq: this.events.length + 1,
			stream: "deployment/x",
			deployment_id: "x",
			timestamp: now,
		} as StreamEvent;
		this.events.push(event);
		this.state = fold(this.state, event);
	}
}

export const failure: Failure = {
	code: "build_failed",
	message: "The build command failed.",
	action: "Retry.",
	reference: "r",
	command: "npm run build",
	exit_code: 1,
	lines: ["boom"],
	first_line: 1,
	decisive: null,
	cause: null,
};

/** What a rule may propose; `n` tells one from another. */
export const proposal = (n: number): FixProposal => ({
	id: String(n).padStart(26, "F"),
	title: "Build with another script",
	diff: "--- a/quayside.json\n+++ b/quayside.json\n@@ -1 +1 @@\n-{}\n+{ }\n",
	files: [{ path: "quayside.json", before: "0".repeat(64), after: "1".repeat(64) }],
	build_memory_mb: null,
});

export const startInput: Extract<Input, { type: "start" }> = {
	type: "start",
	metadata: {
		project: { id: "p", slug: "web-shop", name: "web-shop" },
		owner_id: "u",
		number: 1,
		source: { type: "git", url: "https://git.example/web-shop.git", ref: null, directory: null, private: false },
		target: "local",
		retry_of: null,
		from: null,
		correlation_id: "c",
	},
	reuse: null,
};

export function started(approvals: ApprovalPolicy = "none"): Simulation {
	const simulation = new Simulation();
	simulation.give({ ...startInput, metadata: { ...startInput.metadata, approvals } });
	return simulation;
}

export const ada = { id: "u", name: "Ada", via: "session" } as const;

/** Somebody's answer to what waits, or to a question that was never asked. */
export function answerOf(
	{ state }: Simulation,
	decision: ApprovalDecision,
	given: Partial<Extract<Input, { type: "answer" }>> = {},
): Extract<Input, { type: "answer" }> {
	const approval = pendingApproval(state)?.id ?? "plan-99";
	return { type: "answer", approval, decision, by: ada, note: null, edit: null, plan: null, ...given };
}

/** Completes stages until `stage` runs, or a person is asked. */
export function runningAt(stage: string, approvals: ApprovalPolicy = "none"): Simulation {
	const simulation = started(approvals);
	simulation.begin();
	while (simulation.state.stage !== stage && simulation.state.status !== "waiting") {
		simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		simulation.begin();
	}
	return simulation;
}
