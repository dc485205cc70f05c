import { type Kysely, sql } from "kysely";

/** The way of most model calls into the ledger, in one question to the database; see `server/models/limiter.ts`. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql.raw(takeModelSlot).execute(db);
}

/**
 * Writes the row of a call, as running when nobody waits and there is room, as waiting else, and answers that; or writes nothing and
 * answers why. A function and not a query, because what it counts has to be what is there once it has the lock. The lock of the
 * provider's row makes calls take turns; that of the deployment keeps two providers from spending the same budget.
 */
const takeModelSlot = `
create or replace function take_model_slot(call jsonb, budget_tokens bigint, budget_usd double precision, patience_ms double precision,
	window_ms double precision, most_waiting integer, longest_lead integer)
returns table (answer text, paused_ms double precision, spent_tokens bigint, spent_usd double precision)
language plpgsql as $$
declare
	limits record;
	room record;
	own record;
	needed bigint := (call->>'input_tokens')::bigint + (call->>'output_tokens')::bigint;
	since timestamptz;
	waiting bigint;
	goes boolean;
begin
	select requests_per_minute, tokens_per_minute, turn, paused_until into limits
		from model_providers where id = call->>'provider' for update;
	if not found then
		return query select 'gone', 0::float8, 0::bigint, 0::float8;
		return;
	end if;
	perform pg_advisory_xact_lock(hashtextextended(coalesce(call->>'deployment_id', call->>'id'), 7));
	since := clock_timestamp() - window_ms * interval '1 millisecond';

	select coalesce(sum(input_tokens::bigint + output_tokens), 0)::bigint as tokens, coalesce(sum(cost_usd), 0) as usd,
		max(turn) filter (where provider = call->>'provider' and status = 'waiting') as last_waiting,
		max(turn) filter (where provider = call->>'provider' and granted_at > since) as last_granted
		into own from model_calls where deployment_id = call->>'deployment_id';
	paused_ms := greatest(extract(epoch from limits.paused_until - clock_timestamp()) * 1000, 0);
	spent_tokens := own.tokens;
	spent_usd := own.usd;
	-- Those of a node that is gone hold nobody up; the next look at the queue deletes them.
	select count(*) into waiting from model_calls
		where provider = call->>'provider' and status = 'waiting' and seen_at > clock_timestamp() - interval '15 seconds';
	answer := case
		when own.tokens + needed > budget_tokens or own.usd + coalesce((call->>'cost_usd')::float8, 0) > budget_usd then 'over budget'
		when paused_ms > patience_ms then 'paused'
		when waiting >= most_waiting then 'full'
	end;
	if answer is not null then
		return next;
		return;
	end if;

	select count(*) as requests, coalesce(sum(input_tokens::bigint + output_tokens), 0) as tokens into room
		from model_calls where provider = call->>'provider' and granted_at > since;
	goes := waiting = 0 and paused_ms = 0 and room.requests < limits.requests_per_minute
		and (room.tokens = 0 or room.tokens + needed <= limits.tokens_per_minute);
	insert into model_calls (id, deployment_id, owner_id, project_id, agent, purpose, provider, model, attempt, input_tokens, output_tokens,
			cost_usd, node, status, turn, granted_at)
		select wanted.*, case when goes then 'running' else 'waiting' end,
			greatest(limits.turn, own.last_waiting, case when own.last_granted > 0 then least(own.last_granted, limits.turn + longest_lead) end) + 1,
			case when goes then clock_timestamp() end
		from jsonb_to_record(call) as wanted (id text, deployment_id text, owner_id text, project_id text, agent text, purpose text,
			provider text, model text, attempt integer, input_tokens integer, output_tokens integer, cost_usd double precision, node text);
	answer := case when goes then 'running' else 'waiting' end;
	return next;
end $$`;
