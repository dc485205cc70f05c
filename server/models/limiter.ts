import { type Kysely, sql, type Transaction } from "kysely";
import { monotonicFactory } from "ulid";
import type { Schema } from "../db/schema.ts";
import type { Asker, Budget, Tokens } from "./call-row.ts";
import { ModelFault } from "./fault.ts";
import { type Grant, schedule } from "./window.ts";

/**
 * Lets calls through to a provider: no more requests and tokens a minute than it allows, on all nodes together, which share one
 * queue in the database. Deployments take turns, as in start-time fair queueing (Goyal, Vin, Cheng 1996): a call's turn is one
 * after its deployment's last waiting one, or after the turn that is on; within a turn the order is that of arrival.
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
	waiting: { id: string; tokens: number; turn: number; deployment: string | null }[];
	spent: { tokens: number; usd: number };
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

	/** The row lock is the queue's lock; that of the deployment keeps two providers from spending the same budget. */
	async function lock(trx: Transaction<Schema>, id: string, deployment: string): Promise<Provider> {
		const { rows } = await sql<Provider>`
			select requests_per_minute, tokens_per_minute, turn, paused_until, pg_advisory_xact_lock(hashtextextended(${deployment}, 7))
			from model_providers where id = ${id} for update`.execute(trx);
		const [provider] = rows;
		if (!provider) throw new ModelFault("model_not_configured");
		return provider;
	}

	async function facts(trx: Kysely<Schema>, provider: string, deployment: string | null): Promise<Facts> {
		const bucketMs = windowMs / 60;
		const { rows } = await sql<{ now: number; grants: Grant[]; waiting: Facts["waiting"]; spent: Facts["spent"] }>`select
			(extract(epoch from clock_timestamp()) * 1000)::float8 as now,
			(select coalesce(json_agg(bucket), '[]') from (
				select (max(extract(epoch from granted_at)) * 1000)::float8 as "atMs", count(*) as requests, sum(input_tokens + output_tokens) as tokens
				from model_calls where provider = ${provider} and granted_at > clock_timestamp() - ${windowMs} * interval '1 millisecond'
				group by floor(extract(epoch from granted_at) * 1000 / ${bucketMs}::float8) order by 1) bucket) as grants,
			(select coalesce(json_agg(call), '[]') from (
				select id, input_tokens + output_tokens as tokens, turn, deployment_id as deployment
				from model_calls where provider = ${provider} and status = 'waiting' order by turn, id) call) as waiting,
			(select json_build_object('tokens', coalesce(sum(input_tokens::bigint + output_tokens), 0), 'usd', coalesce(sum(cost_usd), 0))
				from model_calls where deployment_id = ${deployment}) as spent`.execute(trx);
		const [row] = rows;
		if (!row) throw new ModelFault("internal");
		return { nowMs: row.now, grants: row.grants, waiting: row.waiting, spent: row.spent };
	}

	const begins = (provider: Provider, { grants, nowMs }: Facts, waiting: readonly { id: string; tokens: number }[]): Map<string, number> =>
		schedule({
			grants,
			waiting,
			limits: { requests: provider.requests_per_minute, tokens: provider.tokens_per_minute, windowMs },
			nowMs,
			pausedUntilMs: provider.paused_until?.getTime(),
		});

	/** Writes the row, and answers how long it has to wait; 0 when it may go. */
	async function enter(id: string, request: SlotRequest): Promise<number> {
		const { asker, tokens } = request;
		return db.transaction().execute(async (trx) => {
			const provider = await lock(trx, request.provider, asker.deploymentId ?? id);
			const known = await facts(trx, request.provider, asker.deploymentId);
			const total = tokens.input + tokens.output;
			refuseOverBudget(request, known.spent, total);
			const pausedMs = (provider.paused_until?.getTime() ?? 0) - known.nowMs;
			if (pausedMs > request.patienceMs) throw new ModelFault("model_rate_limited", { retryAfterMs: pausedMs, free: true });
			if (known.waiting.length >= maxWaiting) throw new ModelFault("model_rate_limited", { free: true });
			const before = known.waiting.findLast(({ deployment }) => deployment !== null && deployment === asker.deploymentId);
			const turn = Math.max(provider.turn, before?.turn ?? 0) + 1;
			const later = known.waiting.findIndex((call) => call.turn > turn);
			const place = later < 0 ? known.waiting.length : later;
			const queue = known.waiting.toSpliced(place, 0, { id, tokens: total, turn, deployment: null });
			const waitMs = (begins(provider, known, queue).get(id) ?? 0) - known.nowMs;
			const goes = waitMs <= 0 && known.waiting.length === 0;
			await trx
				.insertInto("model_calls")
				.values({
					id,
					deployment_id: asker.deploymentId,
					owner_id: asker.ownerId,
					project_id: asker.projectId,
					agent: asker.agent,
					purpose: asker.purpose,
					provider: request.provider,
					model: request.model,
					attempt: request.attempt,
					status: goes ? "running" : "waiting",
					turn,
					input_tokens: tokens.input,
					output_tokens: tokens.output,
					cost_usd: request.costUsd,
					node,
					granted_at: goes ? sql<Date>`clock_timestamp()` : null,
				})
				.execute();
			return goes ? 0 : Math.max(waitMs, 1);
		});
	}

	/** Lets through whoever may go, of any node, and tells those of this one. */
	async function look(provider: string): Promise<void> {
		const queue = queues.get(provider);
		if (!queue || queue.size === 0 || stopped) return;
		const own = [...queue.keys()];
		const { waits, left } = await db.transaction().execute(async (trx) => {
			const limits = await lock(trx, provider, `look/${provider}`);
			await sql`update model_calls set seen_at = clock_timestamp() where id = any(${own}) and status = 'waiting'`.execute(trx);
			await sql`delete from model_calls where provider = ${provider} and status = 'waiting'
				and seen_at < clock_timestamp() - ${abandonedMs} * interval '1 millisecond'`.execute(trx);
			const known = await facts(trx, provider, null);
			const times = begins(limits, known, known.waiting);
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
				const waitMs = await enter(id, request);
				if (waitMs === 0) return id;
				request.onWait(waitMs);
				const through = waitInQueue(id, request);
				lookIn(request.provider, Math.min(Math.max(waitMs, shortestLookMs), longestLookMs));
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
			const { grants, waiting, nowMs } = await facts(db, provider, null);
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

function refuseOverBudget({ budget, costUsd }: SlotRequest, spent: Facts["spent"], tokens: number): void {
	if (budget.tokens !== null && spent.tokens + tokens > budget.tokens) {
		throw new ModelFault("model_budget", {
			message: `This deployment has used up its budget for AI: ${spent.tokens} of ${budget.tokens} tokens, and the next call may need ${tokens}.`,
		});
	}
	if (budget.usd !== null && spent.usd + (costUsd ?? 0) > budget.usd) {
		throw new ModelFault("model_budget", {
			message: `This deployment has used up its budget for AI: $${spent.usd.toFixed(2)} of $${budget.usd.toFixed(2)}.`,
		});
	}
}
