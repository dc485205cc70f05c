import { CompiledQuery, type Kysely } from "kysely";
import type { PoolConfig } from "pg";
import { PgBoss } from "pg-boss";
import type { Stage } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** What the queue carries: which attempt to begin with. The stream decides whether it may. */
export interface StageJob {
	deploymentId: string;
	stage: Stage;
	fence: number;
}

export interface StageQueue {
	/** Schedules an attempt in the caller's transaction; deployments that have begun go before those that wait. */
	send(db: Kysely<Schema>, job: StageJob, priority: number): Promise<void>;
	/** Takes jobs, at most `concurrency` at a time; a handler's rejection is logged, never retried by the queue. */
	work(concurrency: number, handler: (job: StageJob) => Promise<void>): Promise<void>;
	/** Takes no further jobs; what is being handled goes on. */
	pause(): Promise<void>;
	stop(): Promise<void>;
}

const queueName = "attempt";
/** Longer than all stages of a deployment may take, which one job carries through; each has a deadline of the worker's. */
const expireInSeconds = 23 * 60 * 60;

/** Opens the queue of stage attempts in the same database. `onError` gets the queue's own background errors. */
export async function openStageQueue(connection: PoolConfig, onError: (error: unknown) => void): Promise<StageQueue> {
	const boss = new PgBoss({
		...(connection as Record<string, unknown>),
		max: 3,
		application_name: "quayside-queue",
		useListenNotify: true,
		schedule: false,
	});
	boss.on("error", onError);
	await boss.start();
	await boss.createQueue(queueName, { policy: "short", notify: true, retryLimit: 0, expireInSeconds, deleteAfterSeconds: 60 * 60 });
	return {
		async send(db, job, priority) {
			const executeSql = async (text: string, values: unknown[] = []) => ({
				rows: (await db.executeQuery(CompiledQuery.raw(text, values))).rows as never[],
			});
			// At most one job of an attempt waits at a time, however often it is scheduled.
			await boss.send(queueName, job, { priority, singletonKey: `${job.deploymentId}/${job.fence}`, db: { executeSql } });
		},
		async work(concurrency, handler) {
			const polling = { batchSize: 1, notifyPollingIntervalSeconds: 5, pollingIntervalSeconds: 1 };
			for (let slot = 0; slot < concurrency; slot++) {
				const worker = await boss.work<StageJob>(queueName, polling, async (jobs) => {
					for (const { data } of jobs) await handler(data).catch(onError);
					// What waited behind this job rang long ago; without this it would wait for the next poll.
					boss.notifyWorker(worker);
				});
			}
		},
		pause: () => boss.offWork(queueName, { wait: false }),
		stop: () => boss.stop({ graceful: false, close: true }),
	};
}
