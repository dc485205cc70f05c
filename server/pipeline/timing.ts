import { type Kysely, sql } from "kysely";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { spansOf, timedTypes, usualTimes, workMsOf } from "../../lib/deployment/timing.ts";
import { streamOf, type TimingView } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** Earlier deployments that a deployment is compared with, the newest. */
const compared = 20;
/** A deployment has few of them; one that was paused or retried without end must not make an endless answer. */
const maxTimedEvents = 2000;

/** When the stages of a deployment and their phases began and ended, and what the earlier deployments of its project took. */
export async function readTiming(db: Kysely<Schema>, state: DeploymentState): Promise<TimingView> {
	const events = await db
		.selectFrom("events")
		.select("body")
		.where("stream", "=", streamOf.deployment(state.id))
		.where(sql<boolean>`type in (${sql.join(timedTypes.map((type) => sql.lit(type)))})`)
		.orderBy("seq")
		.limit(maxTimedEvents)
		.execute();
	const before = () =>
		db
			.selectFrom("deployments")
			.select("state")
			.where("project_id", "=", state.project.id)
			.where("number", "<", state.number)
			.where("finished_at", "is not", null)
			.orderBy("number", "desc")
			.limit(compared);
	const [earlier, succeeded] = await Promise.all([before().execute(), before().where("status", "=", "succeeded").execute()]);
	return {
		queuedAt: state.queuedAt,
		startedAt: state.startedAt,
		finishedAt: state.finishedAt,
		...spansOf(events.map(({ body }) => body)),
		usual: usualTimes(succeeded.map((row) => row.state)),
		earlier: earlier.map((row) => ({
			id: row.state.id,
			number: row.state.number,
			status: row.state.status,
			queuedAt: row.state.queuedAt,
			workMs: workMsOf(row.state),
		})),
	};
}
