import { type Kysely, sql, type Transaction } from "kysely";
import { monotonicFactory } from "ulid";
import type { Schema } from "../db/schema.ts";
import type { Asker, Budget, Tokens } from "./call-row.ts";
import { ModelFault } from "./fault.ts";
import { type Grant, schedule } from "./window.ts";

/**
 * Lets calls through to a provider: no more requests and tokens a minute than it allows, on all nodes together, which share one
 * queue in the database. Deployments take turns, as in start-time fair queueing (Goyal, Vin, Cheng 1996): a call's turn is one
 * after its deployment's last that waits or was let through within the window, or after the turn that is on; within a turn the order
 * is that of arrival. So whoever found room when there was some lets those catch up who came later.
 */
export interface Limiter {
	/**
	 * Writes the call's row and answers its id when the request may be made. Throws `model_budget`, and `model_rate_limited` when the
	 * queue is full, or when the provider is paused for longer than `patienceMs`. An aborted signal throws `cancelled` at once.
	 */
	acquire(request: SlotRequest): Promise<string>;
	/** The provider asked to be left alone for so long; nobody is let through before. */
	pause(provider: string, forMs: number): Promise<void>;
	/** What the end of a call changes for those that wait. */
	freed(provider: string): void;
	status(provider: string): Promise<LimiterStatus>;
	stop(): void;
}

export interface SlotRequest {
	asker: Asker;
	provider: string;
	model: string;
	attempt: number;
	/** What it may need, until it is known. */
	tokens: Tokens;
	costUsd: number | null;
	budget: Budget;
	/** Longest pause of the provider that is waited for. */
	patienceMs: number;
	signal: AbortSignal;
	/** How long it is going to take, in ms, whenever that is known anew. */
	onWait(ms: number): void;
}

export interface LimiterStatus {
	requestsLeft: number;
	tokensLeft: number;
	waiting: number;
	pausedUntil: Date | null;
}

interface Waiter {
	onWait(ms: number): void;
	let(through: boolean): void;
}

interface Facts {
	nowMs: number;
	grants: Grant[];
	waiting: { id: string; tokens: number; turn: number }[];
}

/** What `take_model_slot` answers. */
interface Entered {
	answer: "running" | "waiting" | "gone" | "over budget" | "paused" | "full";
	pausedMs: number;
	/** By the deployment, before this call. */
	spentTokens: number;
	spentUsd: number;
}

interface Provider {
	requests_per_minute: number;
	tokens_per_minute: number;
	turn: number;
	paused_until: Date | null;
}

/** In order, also within one millisecond. */
const nextId = monotonicFactory();
const maxWaiting = 1000;
/** What was let through while nobody waited puts a deployment back by so many turns at most. */
const longestLead = 10;
/** A place in the queue whose process says nothing for so long is given up. */
const abandonedMs = 15_000;
const shortestLookMs = 20;
const longestLookMs = 1000;

export function createLimiter({
	db,
	node,
	reportError,
	windowMs = 60_000,
}: {
	db: Kysely<Schema>;
	node: string;
	reportError: (error: unknown, context: Record<string, string>) => void;
	windowMs?: number;
}): Limiter {
	const queues = new Map<string, Map<string, Waiter>>();
	const timers = new Map<string, NodeJS.Timeout>();
	const looking = new Set<string>();
	let stopped = false;

	/** The row lock is the queue's lock. */
	async function lock(trx: Transaction<Schema>, id: string): Promise<Provider> {
		const provider = await trx
			.selectFrom("model_providers")
			.select(["requests_per_minute", "tokens_per_minute", "turn", "paused_until"])
			.where("id", "=", id)
			.forUpdate()
			.executeTakeFirst();
		if (!provider) throw new ModelFault("model_not_configured");
		return provider;
	}

	async function facts(trx: Kysely<Schema>, provider: string): Promise<Facts> {
		const bucketMs = windowMs / 60;
		const { rows } = await sql<Facts>`select
			(extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
			(select coalesce(json_agg(bucket), '[]') from (
				select (max(extract(epoch from granted_at)) * 1000)::float8 as "atMs", count(*) as requests, sum(input_tokens + output_tokens) as tokens
				from model_calls where provider = ${provider} and granted_at > clock_timestamp() - ${windowMs} * interval '1 millisecond'
				group by floor(extract(epoch from granted_at) * 1000 / ${bucketMs}::float8) order by 1) bucket) as grants,
			(select coalesce(json_agg(call), '[]') from (
				select id, input_tokens + output_tokens as tokens, turn
				from model_calls where provider = ${provider} and status = 'waiting' order by turn, id) call) as waiting`.execute(trx);
		const [row] = rows;
		if (!row) throw new ModelFault("internal");
		return row;
	}

	const begins = (provider: Provider, { grants, nowMs, waiting }: Facts): Map<string, number> =>
		schedule({
			grants,
			waiting,
			limits: { requests: provider.requests_per_minute, tokens: provider.tokens_per_minute, windowMs },
			nowMs,
			pausedUntilMs: provider.paused_until?.getTime(),
		});

	/** Writes the row; true when the request may be made, false when it has to wait. */
	async function enter(id: string, request: SlotRequest): Promise<boolean> {
		const { asker, budget, tokens } = request;
		const call = {
			id,
			deployment_id: asker.deploymentId,
			owner_id: asker.ownerId,
			project_id: asker.projectId,
			agent: asker.agent,
			purpose: asker.purpose,
			provider: request.provider,
			model: request.model,
			attempt: request.attempt,
			input_tokens: tokens.input,
			output_tokens: tokens.output,
			cost_usd: request.costUsd,
			node,
		};
		const { rows } = await sql<Entered>`select answer, paused_ms as "pausedMs", spent_tokens as "spentTokens", spent_usd as "spentUsd"
			from take_model_slot(${JSON.stringify(call)}, ${budget.tokens}, ${budget.usd}, ${request.patienceMs}, ${windowMs}, ${maxWaiting},
				${longestLead})`.execute(db);
		const [entered] = rows;
		switch (entered?.answer) {
			case "running":
				return true;
			case "waiting":
				return false;
			case "gone":
				throw new ModelFault("model_not_configured");
			case "over budget":
				throw overBudget(request, entered);
			case "paused":
				throw new ModelFault("model_rate_limited", { retryAfterMs: entered.pausedMs, free: true });
			case "full":
				throw new ModelFault("model_rate_limited", { free: true });
			default:
				throw new ModelFault("internal");
		}
	}

	/** Lets through whoever may go, of any node, and tells those of this one. */
	async function look(provider: string): Promise<void> {
		const queue = queues.get(provider);
		if (!queue || queue.size === 0 || stopped) return;
		const own = [...queue.keys()];
		const { waits, left } = await db.transaction().execute(async (trx) => {
			const limits = await lock(trx, provider);
			await sql`update model_calls set seen_at = clock_timestamp() where id = any(${own}) and status = 'waiting'
				and seen_at < clock_timestamp() - ${abandonedMs / 3} * interval '1 millisecond'`.execute(trx);
			await sql`delete from model_calls where provider = ${provider} and status = 'waiting'
				and seen_at < clock_timestamp() - ${abandonedMs} * interval '1 millisecond'`.execute(trx);
			const known = await facts(trx, provider);
			const times = begins(limits, known);
			const going = known.waiting.filter(({ id }) => (times.get(id) ?? 0) <= known.nowMs);
			if (going.length > 0) {
				const ids = going.map(({ id }) => id);
				await sql`update model_calls set status = 'running', granted_at = clock_timestamp() where id = any(${ids})`.execute(trx);
				await trx
					.updateTable("model_providers")
					.set({ turn: Math.max(limits.turn, ...going.map(({ turn }) => turn)) })
					.where("id", "=", provider)
					.execute();
			}
			const { rows } = await sql<{ id: string; status: string }>`select id, status from model_calls where id = any(${own})`.execute(trx);
			return {
				waits: new Map([...times].map(([id, atMs]) => [id, atMs - known.nowMs])),
				left: new Map(rows.map(({ id, status }) => [id, status])),
			};
		});
		for (const id of own) {
			const status = left.get(id);
			if (status === "waiting") queue.get(id)?.onWait(waits.get(id) ?? longestLookMs);
			else queue.get(id)?.let(status === "running");
		}
		const soonest = Math.min(...[...queue.keys()].map((id) => waits.get(id) ?? longestLookMs));
		lookIn(provider, Math.min(Math.max(soonest, shortestLookMs), longestLookMs));
	}

	function lookIn(provider: string, ms: number): void {
		if (stopped || !queues.get(provider)?.size) return;
		clearTimeout(timers.get(provider));
		timers.set(
			provider,
			setTimeout(() => {
				if (looking.has(provider)) return lookIn(provider, shortestLookMs);
				looking.add(provider);
				look(provider)
					.catch((error: unknown) => {
						// It was removed from the settings: those that wait ask again, and are told.
						const isGone = error instanceof ModelFault;
						if (isGone) for (const waiter of queues.get(provider)?.values() ?? []) waiter.let(false);
						else reportError(error, { part: "models", provider });
						lookIn(provider, longestLookMs);
					})
					.finally(() => looking.delete(provider));
			}, ms),
		);
	}

	/** True when it was let through, false when its place is gone. */
	function waitInQueue(id: string, { provider, signal, onWait }: SlotRequest): Promise<boolean> {
		const queue = queues.get(provider) ?? new Map<string, Waiter>();
		queues.set(provider, queue);
		return new Promise((resolve, reject) => {
			const leave = () => {
				queue.delete(id);
				signal.removeEventListener("abort", give);
			};
			const give = () => {
				leave();
				reject(new ModelFault("cancelled"));
				// Let through in this very moment or not: no request is made.
				db.deleteFrom("model_calls")
					.where("id", "=", id)
					.execute()
					.catch((error: unknown) => reportError(error, { part: "models", provider }));
			};
			signal.addEventListener("abort", give, { once: true });
			queue.set(id, {
				onWait,
				let(through) {
					leave();
					resolve(through);
				},
			});
			if (signal.aborted) give();
		});
	}

	return {
		async acquire(request) {
			for (;;) {
				if (request.signal.aborted) throw new ModelFault("cancelled");
				const id = nextId();
				if (await enter(id, request)) return id;
				const through = waitInQueue(id, request);
				// How long it is going to be is found by looking.
				lookIn(request.provider, 0);
				if (await through) return id;
			}
		},
		async pause(provider, forMs) {
			await sql`update model_providers
				set paused_until = greatest(paused_until, clock_timestamp() + ${Math.min(forMs, 2 ** 31)} * interval '1 millisecond') where id = ${provider}`.execute(
				db,
			);
		},
		freed: (provider) => lookIn(provider, 0),
		async status(provider) {
			const row = await db.selectFrom("model_providers").selectAll().where("id", "=", provider).executeTakeFirstOrThrow();
			const { grants, waiting, nowMs } = await facts(db, provider);
			const used = grants.reduce((sum, grant) => ({ requests: sum.requests + grant.requests, tokens: sum.tokens + grant.tokens }), {
				requests: 0,
				tokens: 0,
			});
			return {
				requestsLeft: Math.max(0, row.requests_per_minute - used.requests),
				tokensLeft: Math.max(0, row.tokens_per_minute - used.tokens),
				waiting: waiting.length,
				pausedUntil: row.paused_until && row.paused_until.getTime() > nowMs ? row.paused_until : null,
			};
		},
		stop() {
			stopped = true;
			for (const timer of timers.values()) clearTimeout(timer);
		},
	};
}

function overBudget({ budget, tokens }: SlotRequest, { spentTokens, spentUsd }: Entered): ModelFault {
	const needed = tokens.input + tokens.output;
	const message =
		budget.tokens !== null && spentTokens + needed > budget.tokens
			? `This deployment has used up its budget for AI: ${spentTokens} of ${budget.tokens} tokens, and the next call may need ${needed}.`
			: `This deployment has used up its budget for AI: $${spentUsd.toFixed(2)} of $${budget.usd?.toFixed(2)}.`;
	return new ModelFault("model_budget", { message });
}
