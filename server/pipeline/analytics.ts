import { type Kysely, type RawBuilder, sql } from "kysely";
import {
	type AnalyticsQuery,
	type AnalyticsView,
	type DeploymentStatus,
	type DurationView,
	isTerminal,
	stages,
} from "../../lib/protocol/index.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import { firstMoment } from "./first-moment.ts";
import { readModelFigures } from "./model-figures.ts";

/** More deployments than this in the asked time are left out, the oldest first. */
const maxDeployments = 10_000;
const maxFailures = 20;

/**
 * What the deployments of the last `days` days tell, those this principal may see: how many ended how, how long they and their stages took,
 * how long they waited, why they failed, and what models were asked. Everything is computed from the stored states; what was never measured is null or absent.
 */
export async function readAnalytics(db: Kysely<Schema>, principal: Principal, { days, project }: AnalyticsQuery): Promise<AnalyticsView> {
	const recent = sql`
		select d.status, d.state, d.created_at
		from deployments d join projects p on p.id = d.project_id
		where p.deleted_at is null
			and d.created_at >= ${firstMoment(days)}
			and (${principal.user.role === "admin"} or d.owner_id = ${principal.user.id})
			and (${project ?? null}::text is null or p.slug = ${project ?? null})
		order by d.id desc limit ${maxDeployments}`;
	// One moment for all of them, so that the figures fit each other.
	return db
		.transaction()
		.setIsolationLevel("repeatable read")
		.setAccessMode("read only")
		.execute(async (trx) => ({
			days,
			...(await readTotals(trx, recent)),
			byDay: await readDays(trx, recent, days),
			stages: await readStages(trx, recent),
			failures: await readFailures(trx, recent),
			models: await readModelFigures(trx, principal, { days, project }),
		}));
}

type Recent = RawBuilder<unknown>;

/** Median and 95th percentile of an expression in ms as columns, over the rows where it is not null. */
const durationOf = (ms: RawBuilder<unknown>) =>
	sql`count(${ms})::int as count, percentile_cont(0.5) within group (order by ${ms}) as p50, percentile_cont(0.95) within group (order by ${ms}) as p95`;

interface DurationRow {
	count: number;
	p50: number | null;
	p95: number | null;
}

function durationFrom({ count, p50, p95 }: DurationRow): DurationView | null {
	return p50 === null || p95 === null ? null : { count, p50Ms: Math.round(p50), p95Ms: Math.round(p95) };
}

async function readTotals(db: Kysely<Schema>, recent: Recent): Promise<Pick<AnalyticsView, "totals" | "duration" | "queued">> {
	const counted = await sql<{ status: DeploymentStatus; count: number }>`
		with recent as (${recent}) select status, count(*)::int as count from recent group by status`.execute(db);
	const count = (belongs: (status: DeploymentStatus) => boolean) =>
		counted.rows.filter(({ status }) => belongs(status)).reduce((sum, row) => sum + row.count, 0);
	const exactly = (status: DeploymentStatus) => count((one) => one === status);
	const took = msBetween("startedAt", "finishedAt");
	const waited = msBetween("queuedAt", "startedAt");
	const duration = await sql<DurationRow>`
		with recent as (${recent}), ended as (select ${took} as ms from recent where status = 'succeeded')
		select ${durationOf(sql`ms`)} from ended`.execute(db);
	const queued = await sql<DurationRow>`
		with recent as (${recent}), begun as (select ${waited} as ms from recent)
		select ${durationOf(sql`ms`)} from begun`.execute(db);
	return {
		totals: {
			succeeded: exactly("succeeded"),
			failed: exactly("failed"),
			cancelled: exactly("cancelled"),
			open: count((status) => !isTerminal(status)),
		},
		duration: duration.rows[0] ? durationFrom(duration.rows[0]) : null,
		queued: queued.rows[0] ? durationFrom(queued.rows[0]) : null,
	};
}

/** Null where one of the two has not happened. */
function msBetween(from: string, to: string): RawBuilder<unknown> {
	const at = (name: string) => sql`nullif(state->>${sql.lit(name)}, '')::timestamptz`;
	return sql`extract(epoch from ${at(to)} - ${at(from)}) * 1000`;
}

/** Every day of the time asked for, also those on which nothing was deployed. */
async function readDays(db: Kysely<Schema>, recent: Recent, days: number): Promise<AnalyticsView["byDay"]> {
	const { rows } = await sql<AnalyticsView["byDay"][number]>`
		with recent as (${recent}), days as (
			select to_char(day, 'YYYY-MM-DD') as day
			from generate_series((now() at time zone 'utc')::date - ${days - 1}::int, (now() at time zone 'utc')::date, interval '1 day') day
		)
		select days.day,
			count(*) filter (where status = 'succeeded')::int as succeeded,
			count(*) filter (where status = 'failed')::int as failed,
			count(*) filter (where status = 'cancelled')::int as cancelled
		from days left join recent on to_char(recent.created_at at time zone 'utc', 'YYYY-MM-DD') = days.day
		group by days.day order by days.day`.execute(db);
	return rows;
}

/** Stages that did their work anew; one that took over an earlier result measures nothing. */
async function readStages(db: Kysely<Schema>, recent: Recent): Promise<AnalyticsView["stages"]> {
	const { rows } = await sql<DurationRow & { stage: string; failed: number }>`
		with recent as (${recent}), done as (
			select stage->>'stage' as stage, stage->>'status' as status,
				case when stage->>'status' = 'succeeded' and not (stage->>'reused')::boolean then (stage->>'durationMs')::float8 end as ms
			from recent, jsonb_array_elements(state->'stages') stage
		)
		select stage, count(*) filter (where status = 'failed')::int as failed, ${durationOf(sql`ms`)}
		from done group by stage`.execute(db);
	return stages.map((stage) => {
		const row = rows.find((one) => one.stage === stage);
		return { stage, failed: row?.failed ?? 0, duration: row ? durationFrom(row) : null };
	});
}

async function readFailures(db: Kysely<Schema>, recent: Recent): Promise<AnalyticsView["failures"]> {
	const { rows } = await sql<AnalyticsView["failures"][number]>`
		with recent as (${recent})
		select state->'error'->>'code' as code, state->'error'->>'cause' as cause,
			(array_agg(state->'error'->>'message' order by created_at desc))[1] as message,
			(array_agg(state->>'id' order by created_at desc))[1] as latest,
			count(*)::int as count
		from recent where status = 'failed' and state->'error'->>'code' is not null
		group by 1, 2 order by count desc, code, cause limit ${maxFailures}`.execute(db);
	return rows;
}
