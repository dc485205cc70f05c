import { type Kysely, sql } from "kysely";
import { ulid } from "ulid";
import type { ModelUsage } from "../../lib/protocol/index.ts";
import { withRetries } from "../db/retry.ts";
import type { Schema } from "../db/schema.ts";
import type { Asker, Tokens } from "./call-row.ts";

/**
 * What calls cost. The limiter writes a row with an estimate before each request; here it gets its end. A row whose process was
 * killed in the middle keeps its estimate and is marked as lost, so nothing that may have been paid for is forgotten.
 */
export interface ModelLedger {
	finish(id: string, end: CallEnd): Promise<void>;
	/** An answer that was kept, so that no request was made. */
	cached(asker: Asker, provider: string, model: string): Promise<void>;
	/** Closes what this node left open when it ended, and what nobody can have open any more. Called once, before the first call. */
	recover(): Promise<void>;
	usage(deploymentId: string): Promise<ModelUsage>;
	/** Removes what is older than a year. */
	tidy(): Promise<void>;
}

export interface CallEnd {
	status: "succeeded" | "failed" | "cancelled";
	tokens: Tokens;
	/** True when the provider said so itself. */
	measured: boolean;
	costUsd: number | null;
	error: string | null;
	/** When the first text came. */
	firstAt: Date | null;
}

const keepDays = 365;

export function createModelLedger(db: Kysely<Schema>, node: string): ModelLedger {
	return {
		async finish(id, { status, tokens, measured, costUsd, error, firstAt }) {
			const end = db
				.updateTable("model_calls")
				.set({
					status,
					input_tokens: tokens.input,
					output_tokens: tokens.output,
					measured,
					cost_usd: costUsd,
					error,
					first_at: firstAt,
					finished_at: sql<Date>`clock_timestamp()`,
				})
				.where("id", "=", id);
			await withRetries(() => end.execute(), { forMs: 10_000 });
		},
		async cached(asker, provider, model) {
			const now = new Date();
			await db
				.insertInto("model_calls")
				.values({
					id: ulid(),
					deployment_id: asker.deploymentId,
					owner_id: asker.ownerId,
					project_id: asker.projectId,
					agent: asker.agent,
					purpose: asker.purpose,
					provider,
					model,
					attempt: 0,
					status: "cached",
					turn: 0,
					input_tokens: 0,
					output_tokens: 0,
					measured: true,
					cost_usd: 0,
					node,
					finished_at: now,
				})
				.execute();
		},
		async recover() {
			await sql`delete from model_calls where status = 'waiting' and node = ${node}`.execute(db);
			// No call takes an hour: whoever began it on another node is gone.
			await sql`update model_calls set status = 'lost', finished_at = now()
				where status = 'running' and (node = ${node} or granted_at < now() - interval '2 hours')`.execute(db);
		},
		async usage(deploymentId) {
			const { rows } = await sql<{
				agent: ModelUsage["agents"][number]["agent"];
				attempts: number;
				calls: number;
				cached: number;
				input: number;
				output: number;
				cost: number | null;
				unknown: number;
				ms: number;
			}>`select agent, count(*) filter (where status <> 'cached') as attempts, count(*) filter (where status in ('succeeded', 'cached')) as calls,
				count(*) filter (where status = 'cached') as cached, coalesce(sum(input_tokens), 0)::float8 as input, coalesce(sum(output_tokens), 0)::float8 as output,
				sum(cost_usd) as cost, count(*) filter (where cost_usd is null) as unknown,
				coalesce(sum(extract(epoch from finished_at - granted_at)) * 1000, 0)::float8 as ms
				from model_calls where deployment_id = ${deploymentId} and status <> 'waiting' and agent is not null group by agent order by min(id)`.execute(
				db,
			);
			const sum = (value: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + value(row), 0);
			return {
				calls: sum(({ calls }) => calls),
				attempts: sum(({ attempts }) => attempts),
				cached: sum(({ cached }) => cached),
				tokens: { input: sum(({ input }) => input), output: sum(({ output }) => output) },
				costUsd: rows.some(({ unknown }) => unknown > 0) ? null : sum(({ cost }) => cost ?? 0),
				durationMs: Math.round(sum(({ ms }) => ms)),
				agents: rows.map(({ agent, calls, input, output }) => ({ agent, calls, tokens: input + output })),
			};
		},
		async tidy() {
			await sql`delete from model_calls where created_at < now() - ${keepDays} * interval '1 day'`.execute(db);
		},
	};
}
