import { type AttemptJob, decide, type Input, nextStage } from "../../lib/deployment/decide.ts";
import { runningStage } from "../../lib/deployment/endings.ts";
import { fold } from "../../lib/deployment/fold.ts";
import { type DeploymentState, wholeState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type EventDraft, isTerminal, type StreamEvent, streamOf } from "../../lib/protocol/index.ts";
import type { Streams, StreamWriter } from "../streams/streams.ts";
import type { StageQueue } from "./queue.ts";

/** Names one append of one attempt, so that writing it twice writes it once. */
export interface AttemptKey {
	attempt: string;
	key: string;
}

export interface Applied {
	state: DeploymentState;
	events: StreamEvent[];
	/** The attempt that follows, when the decision names one. */
	job: AttemptJob | null;
	/** True when that attempt has begun already, in the same transaction, and is the one that runs. */
	begun: boolean;
}

/** The beginning of an attempt that follows at once. */
export interface Following {
	once: AttemptKey;
	input: (job: AttemptJob, state: DeploymentState) => Input;
	within: (writer: StreamWriter, state: DeploymentState) => Promise<void>;
}

interface ApplyOptions {
	once?: AttemptKey;
	before?: readonly EventDraft[];
	within?: (writer: StreamWriter, state: DeploymentState) => Promise<void>;
	/** True when the caller begins the attempt that follows by itself: nobody is woken for it. Recovery finds it should that fail. */
	carriesOn?: boolean;
	/** For a caller that carries on: begins the attempt that follows in the same transaction, unless that is refused. */
	following?: Following;
}

/**
 * The only writer of deployments. Each call is one transaction: lock the row, decide, append, fold, write the snapshot and
 * the list row, schedule the next attempt. What it answers is committed.
 */
export class Ledger {
	readonly #streams: Streams;
	readonly #queue: StageQueue;
	readonly #onApplied: (events: readonly StreamEvent[]) => void;

	/** `onApplied` hears of the events of every input once they are committed, for counting. */
	constructor(streams: Streams, queue: StageQueue, onApplied: (events: readonly StreamEvent[]) => void = () => {}) {
		this.#streams = streams;
		this.#queue = queue;
		this.#onApplied = onApplied;
	}

	/**
	 * Applies an input to a deployment. `before` goes into the stream ahead of what the decision says, in the same
	 * transaction. Throws the refusal as an `AppError`.
	 */
	async apply(id: string, input: Input, options: ApplyOptions = {}): Promise<Applied> {
		const applied = await this.#streams.write((writer) => this.applyWithin(writer, id, input, options));
		this.#onApplied(applied.events);
		return applied;
	}

	/** The same inside a transaction of the caller's. */
	async applyWithin(
		writer: StreamWriter,
		id: string,
		input: Input,
		{ once, before = [], within, carriesOn = false, following }: ApplyOptions = {},
	): Promise<Applied> {
		const state = await lock(writer, id);
		if (once && (await isWritten(writer, once))) {
			const begun = following ? await runningJobOf(writer, state, following.once.attempt) : null;
			return { state, events: [], job: begun ?? (carriesOn ? jobOf(state) : null), begun: begun !== null };
		}
		const verdict = decide(state, input, new Date().toISOString());
		if (!verdict.ok) throw new AppError(verdict.refused);
		const applied = await this.#append(writer, state, [...before, ...verdict.events], once);
		if (verdict.close) await writer.close(streamOf.deployment(id));
		if (verdict.job && !carriesOn) await this.schedule(writer, applied.state, verdict.job);
		await within?.(writer, applied.state);
		const ended = { ...applied, job: verdict.job };
		return verdict.job && following ? this.#follow(writer, ended, verdict.job, following) : ended;
	}

	async #follow(writer: StreamWriter, ended: Applied, job: AttemptJob, { once, input, within }: Following): Promise<Applied> {
		const verdict = decide(ended.state, input(job, ended.state), new Date().toISOString());
		// What is refused here is refused again when the caller begins it by itself.
		if (!verdict.ok) return ended;
		const { state, events } = await this.#append(writer, ended.state, verdict.events, once);
		await within(writer, state);
		return { state, events: [...ended.events, ...events], job, begun: true };
	}

	/**
	 * Records what a running attempt says. Throws `stale_attempt` when the attempt no longer holds the deployment's fence:
	 * a worker that was thought dead can never speak again.
	 */
	record(
		id: string,
		fence: number,
		drafts: readonly EventDraft[],
		once: AttemptKey,
		within?: (writer: StreamWriter) => Promise<void>,
	): Promise<Applied> {
		return this.#streams.write(async (writer) => {
			const state = await lock(writer, id);
			if (await isWritten(writer, once)) return { state, events: [], job: null, begun: false };
			if (isTerminal(state.status) || !state.stages.some((stage) => stage.fence === fence)) throw new AppError("stale_attempt");
			await within?.(writer);
			return this.#append(writer, state, drafts, once);
		});
	}

	/** Puts an attempt into the queue; one too many is harmless, for its fence is refused. */
	async schedule(writer: StreamWriter, state: DeploymentState, { stage, fence }: AttemptJob): Promise<void> {
		await this.#queue.send(writer.trx, { deploymentId: state.id, stage, fence }, state.startedAt ? 1 : 0);
	}

	async #append(
		writer: StreamWriter,
		state: DeploymentState,
		drafts: readonly EventDraft[],
		once: AttemptKey | undefined,
	): Promise<Applied> {
		if (drafts.length === 0) return { state, events: [], job: null, begun: false };
		const events = await writer.append(streamOf.deployment(state.id), drafts, { deploymentId: state.id, once });
		const next = events.reduce(fold, state);
		await writer.trx
			.updateTable("deployments")
			.set({
				state: JSON.stringify(next),
				status: next.status,
				fence: next.fence,
				text: lastSentence(drafts) ?? undefined,
				finished_at: next.finishedAt ?? undefined,
			})
			.where("id", "=", state.id)
			.execute();
		const told = drafts.filter((draft) => tellsOwner(draft, state));
		if (told.length > 0) await writer.append(streamOf.user(next.ownerId), told, { deploymentId: state.id });
		return { state: next, events, job: null, begun: false };
	}
}

/** The state of a deployment as of now, locked until the transaction ends. Throws `not_found`. */
async function lock({ trx }: StreamWriter, id: string): Promise<DeploymentState> {
	const row = await trx.selectFrom("deployments").select("state").where("id", "=", id).forUpdate().executeTakeFirst();
	if (!row) throw new AppError("not_found");
	return wholeState(id, row.state);
}

/** What follows in a deployment that an earlier try at the same write has moved on. */
function jobOf(state: DeploymentState): AttemptJob | null {
	const stage = state.status === "running" && !runningStage(state) ? nextStage(state) : null;
	return stage === null ? null : { stage, fence: state.fence + 1 };
}

/**
 * What an attempt is at that an earlier try at the same write has begun. Null once it has ended: between two tries another node may have
 * taken it for lost, and what runs now is not this worker's.
 */
async function runningJobOf({ trx }: StreamWriter, state: DeploymentState, attempt: string): Promise<AttemptJob | null> {
	const job = await trx.selectFrom("attempts").select(["stage", "fence"]).where("id", "=", attempt).executeTakeFirst();
	return job && runningStage(state)?.fence === job.fence ? { stage: job.stage, fence: job.fence } : null;
}

async function isWritten({ trx }: StreamWriter, { attempt, key }: AttemptKey): Promise<boolean> {
	const row = await trx
		.selectFrom("events")
		.select("seq")
		.where("attempt", "=", attempt)
		.where("key", "=", key)
		.limit(1)
		.executeTakeFirst();
	return row !== undefined;
}

/** What an owner's lists need to know: that a deployment began, started to run, waits for a person, and ended. */
function tellsOwner(draft: EventDraft, before: DeploymentState): boolean {
	if (draft.type === "stage_started") return before.status !== "running";
	return (
		draft.type === "deployment_started" ||
		draft.type === "deployment_completed" ||
		draft.type === "approval_requested" ||
		draft.type === "approval_resolved" ||
		(draft.type === "status" && draft.metadata.status !== undefined)
	);
}

function lastSentence(drafts: readonly EventDraft[]): string | null {
	return drafts.findLast(({ type, content }) => type !== "log" && type !== "deployment_progress" && content !== "")?.content ?? null;
}
