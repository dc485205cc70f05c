import { type Kysely, sql } from "kysely";
import { type AgentName, type AnalyticsQuery, agents, type ModelFigures, type ModelFiguresView } from "../../lib/protocol/index.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import { firstMoment } from "./first-moment.ts";

/** Whoever waited less did not notice: a call that goes at once waits for the lock of its provider, too. */
const noticedMs = 1000;

interface FiguresRow extends Omit<ModelFigures, "tokens"> {
	model: string;
	agent: AgentName | null;
	input: number;
	output: number;
}

/**
 * What models were asked in the last `days` days for deployments this principal may see, and in their own tests from the settings; an
 * administrator's are everybody's. Requests that are under way have no figures yet.
 */
export async function readModelFigures(
	db: Kysely<Schema>,
	{ user }: Principal,
	{ days, project }: AnalyticsQuery,
): Promise<ModelFiguresView> {
	const tokens = sql`(input_tokens::bigint + output_tokens)`;
	const { rows } = await sql<FiguresRow>`
		select c.provider || '/' || c.model as model, c.agent,
			count(*) filter (where c.status in ('succeeded', 'cached'))::int as calls,
			count(*) filter (where c.status = 'cached')::int as cached,
			count(*) filter (where c.status in ('failed', 'lost'))::int as failed,
			count(*) filter (where c.granted_at - c.created_at >= ${noticedMs} * interval '1 millisecond')::int as waited,
			sum(c.input_tokens)::float8 as input, sum(c.output_tokens)::float8 as output,
			sum(c.cost_usd) filter (where ${tokens} > 0) as "costUsd",
			coalesce(sum(${tokens}) filter (where c.cost_usd is null), 0)::float8 as "unpricedTokens"
		from model_calls c left join projects p on p.id = c.project_id
		where c.status not in ('waiting', 'running')
			and c.created_at >= ${firstMoment(days)}
			and (c.project_id is null or (p.id is not null and p.deleted_at is null))
			and (${user.role === "admin"} or c.owner_id = ${user.id})
			and (${project ?? null}::text is null or p.slug = ${project ?? null})
		group by 1, 2`.execute(db);
	const parts = rows.map(({ input, output, ...row }) => ({ ...row, tokens: { input, output } }));
	return {
		totals: sumOf(parts),
		byModel: [...new Set(parts.map(({ model }) => model))]
			.map((model) => ({ model, ...sumOf(parts.filter((part) => part.model === model)) }))
			.sort((a, b) => allTokens(b) - allTokens(a) || (a.model < b.model ? -1 : 1)),
		byAgent: [...agents, null]
			.map((agent) => ({ agent, of: parts.filter((part) => part.agent === agent) }))
			.filter(({ of }) => of.length > 0)
			.map(({ agent, of }) => ({ agent, ...sumOf(of) })),
	};
}

const allTokens = ({ tokens }: ModelFigures): number => tokens.input + tokens.output;

function sumOf(parts: readonly ModelFigures[]): ModelFigures {
	const sum = (value: (part: ModelFigures) => number) => parts.reduce((total, part) => total + value(part), 0);
	return {
		calls: sum(({ calls }) => calls),
		cached: sum(({ cached }) => cached),
		failed: sum(({ failed }) => failed),
		waited: sum(({ waited }) => waited),
		tokens: { input: sum(({ tokens }) => tokens.input), output: sum(({ tokens }) => tokens.output) },
		costUsd: parts.some(({ costUsd }) => costUsd !== null) ? sum(({ costUsd }) => costUsd ?? 0) : null,
		unpricedTokens: sum(({ unpricedTokens }) => unpricedTokens),
	};
}
