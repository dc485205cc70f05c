import { once } from "node:events";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { eventSchema, isTerminal, type Stage, stages, succeeded } from "#lib/protocol/index.ts";
import type { Work } from "#server/agents/agent.ts";
import type { StreamWriter } from "#server/streams/streams.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { admin, done, member, type Performance, performWell, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";

let database: TestDatabase;
let pipeline: TestPipeline | null = null;

beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	await pipeline?.stop();
	pipeline = null;
});

async function start(perform: Performance, options?: Parameters<typeof startTestPipeline>[2]): Promise<TestPipeline> {
	pipeline = await startTestPipeline(database, perform, options);
	return pipeline;
}

/** Performs well but for one stage. */
const but =
	(stage: Stage, perform: Performance): Performance =>
	(name, work) =>
		name === stage ? perform(name, work) : performWell(name, work);
/** Works until it is told to stop. */
const untilAborted = async (_: Stage, { signal }: Work) => {
	await once(signal, "abort");
	throw signal.reason;
};
const ended = ({ status }: { status: Parameters<typeof isTerminal>[0] }) => isTerminal(status);

describe("a deployment", () => {
	it("goes through all stages; its events are contiguous, valid, and fold to the stored snapshot", async () => {
		const { start: submit, until, events } = await start(performWell);
		const id = await submit();
		const state = await until(id, ended);
		expect(state.status).toBe("succeeded");
		const log = await events(id);
		expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
		for (const event of log) expect(eventSchema.parse(event)).toEqual(event);
		expect(foldAll(id, log)).toEqual(state);
		const balance = stages.map((stage) =>
			log
				.filter((event) => event.stage === stage && (event.type === "stage_started" || event.type === "stage_completed"))
				.map(({ type }) => type),
		);
		expect(balance).toEqual(stages.map(() => ["stage_started", "stage_completed"]));
	});

	it("ends a stage and begins the next in one transaction", async () => {
		const { start: submit, until } = await start(performWell);
		const id = await submit();
		await until(id, ended);
		const written = await sql<{ type: string; stage: Stage; made: string }>`
			select type, body->>'stage' as stage, xmin::text as made from events
			where deployment_id = ${id} and type in ('stage_started', 'stage_completed') order by seq`.execute(database.db);
		const made = (type: string, stage: Stage | undefined) => written.rows.find((row) => row.type === type && row.stage === stage)?.made;
		for (const [place, stage] of stages.slice(0, -1).entries())
			expect(made("stage_completed", stage), stage).toBe(made("stage_started", stages[place + 1]));
	});

	it("answers with event #1 before any work starts", async () => {
		const { service } = await start(performWell, { work: false });
		const { deployment, events } = await service.create(
			admin,
			{ source: { type: "git", url: "https://git.example/a.git" } },
			{ idempotencyKey: null, correlationId: "corr" },
		);
		expect(events[0]).toMatchObject({ seq: 1, type: "deployment_started", metadata: { correlation_id: "corr" } });
		expect(deployment).toMatchObject({ status: "queued", lastSeq: 1 });
	});

	it("keeps log lines in order and ahead of the state event that follows them, without secrets", async () => {
		const {
			start: submit,
			until,
			events,
		} = await start(
			but("build", async (_, { reporter }) => {
				for (let n = 1; n <= 1000; n++) {
					reporter.output(`line ${n} ${n === 500 ? "sk-TEST" : ""}`, "stdout");
					reporter.output(n === 500 ? "SECRET\n" : "\n", "stdout");
				}
				reporter.output("no newline at the end", "stdout");
				return succeeded(done);
			}),
		);
		const id = await submit();
		await until(id, ended);
		const log = await events(id);
		const lines = log.flatMap((event) => (event.type === "log" ? event.metadata.lines : []));
		expect(lines.map(({ n }) => n)).toEqual(lines.map((_, index) => index + 1));
		expect(lines).toHaveLength(1001);
		expect(lines[998]?.text).toBe("line 999 ");
		expect(lines[499]?.text).toBe("line 500 [hidden]");
		expect(JSON.stringify(log)).not.toContain("TESTSECRET");
		const lastLog = log.findLastIndex(({ type }) => type === "log");
		expect(log.findIndex((event) => event.type === "stage_completed" && event.stage === "build")).toBeGreaterThan(lastLog);
	});

	it("fails with what failed, and says it plainly when the fault is ours", async () => {
		const {
			start: submit,
			until,
			errors,
		} = await start(
			but("analyze", async () => {
				throw new TypeError("undefined is not a function");
			}),
		);
		const state = await until(await submit(), ended);
		expect(state.error).toMatchObject({ code: "internal", message: "Something went wrong inside Quayside.", reference: "ref-1" });
		expect(errors).toHaveLength(1);
	});

	it("fails once, with its reason, however much the project's own words say", async () => {
		const lines = Array.from({ length: 20 }, (_, n) => `${n} ${"\u0001é".repeat(4000)}`);
		const failure = { code: "build_failed" as const, message: "m".repeat(100_000), command: "c".repeat(100_000), lines };
		const { start: submit, until } = await start(but("build", async () => ({ ok: false, failure })));
		const state = await until(await submit(), ended);
		expect(state.error).toMatchObject({ code: "build_failed", message: expect.stringMatching(/^m{1000,}…$/) });
		expect(state.error?.lines).toHaveLength(15);
		expect(state.stages.find(({ stage }) => stage === "build")?.attempts).toBe(1);
	});

	it("goes on without what an agent said by the way and no event holds, and reports it", async () => {
		const pipeline = await start(
			but("plan", async (_, work) => {
				work.say({ type: "status", content: "x".repeat(40_000), metadata: {} });
				return succeeded(done);
			}),
		);
		expect((await pipeline.until(await pipeline.start(), ended)).status).toBe("succeeded");
		expect(pipeline.errors).toEqual([expect.any(RangeError)]);
	});

	it("fails once when an agent says more than an event holds", async () => {
		const { start: submit, until } = await start(
			but("plan", async (_, work) => {
				await work.record({ type: "status", content: "x".repeat(40_000), metadata: {} });
				return succeeded(done);
			}),
		);
		const state = await until(await submit(), ended);
		expect(state.error).toMatchObject({ code: "internal" });
		expect(state.stages.find(({ stage }) => stage === "plan")?.attempts).toBe(1);
	});

	it("ends a stage that takes longer than its deadline", async () => {
		const { start: submit, until } = await start(but("test", untilAborted));
		const state = await until(await submit(), ended);
		expect(state).toMatchObject({ status: "failed", error: { code: "stage_timeout" } });
	});
});

describe("cancel", () => {
	it.each(stages)("in %s ends the deployment with proof", async (stage) => {
		const {
			start: submit,
			until,
			service,
			sandbox,
		} = await start(
			but(stage, (name, work) => {
				sandbox.left.set(work.attemptId, 3);
				return untilAborted(name, work);
			}),
		);
		const id = await submit();
		await until(id, (state) => state.stage === stage && state.stages.some(({ status }) => status === "running"));
		await service.cancel(admin, id);
		const state = await until(id, ended);
		expect(state.status).toBe("cancelled");
		expect(state.stages.find((candidate) => candidate.stage === stage)?.text).toMatch(/^Stopped 3 processes in 0\.\d s/);
	});

	it("ends a queued deployment at once, and its job does nothing later", async () => {
		const { service, start: submit, state } = await start(performWell, { work: false });
		const id = await submit();
		expect((await service.cancel(admin, id)).status).toBe("cancelled");
		await pipeline?.worker.start();
		const other = await submit();
		await pipeline?.until(other, ended);
		expect((await state(id)).status).toBe("cancelled");
	});
});

describe("the queue", () => {
	it("runs as many at a time as it may, first come first served", async () => {
		let now = 0;
		let most = 0;
		const order: string[] = [];
		const { start: submit, until } = await start(
			async (stage, { state }) => {
				most = Math.max(most, ++now);
				if (stage === "clone") order.push(state.id);
				await new Promise((resolve) => setImmediate(resolve));
				now--;
				return succeeded(done);
			},
			{ concurrency: 1 },
		);
		const ids = [await submit(), await submit(), await submit()];
		for (const id of ids) await until(id, ended);
		expect(most).toBe(1);
		expect(order).toEqual(ids);
	});

	it("says how many deployments go before", async () => {
		const { service, start: submit } = await start(performWell, { work: false });
		const before = (await service.list(admin, { status: "queued", limit: 100 })).deployments.length;
		const first = await submit();
		const second = await submit();
		const { deployments } = await service.list(admin, { limit: 100 });
		expect([first, second].map((id) => deployments.find((row) => row.id === id)?.ahead)).toEqual([before, before + 1]);
		for (const id of [first, second]) await service.cancel(admin, id);
	});
});

describe("an attempt that cannot begin", () => {
	it("counts as running while it tries, and its deployment goes on later", async () => {
		let away = true;
		let runningMeanwhile = 0;
		const {
			start: submit,
			until,
			recover,
			worker,
			errors,
		} = await start(performWell, {
			concurrency: 1,
			environment: async () => {
				if (!away) return { build: {}, runtime: {}, secrets: [] };
				runningMeanwhile = worker.running().length;
				throw new Error("the database is away");
			},
		});
		const id = await submit();
		await vi.waitUntil(() => errors.length > 0, { timeout: 10_000 });
		expect(runningMeanwhile).toBe(1);
		await vi.waitUntil(() => worker.running().length === 0, { timeout: 10_000 });
		away = false;
		await recover();
		const state = await until(id, ended);
		expect(state.status).toBe("succeeded");
		expect(state.stages.map(({ attempts }) => attempts)).toEqual(stages.map(() => 1));
	});

	it("waits in the queue once, however often it is scheduled", async () => {
		const { start: submit, recover, service } = await start(performWell, { work: false });
		const id = await submit();
		for (let n = 0; n < 3; n++) await recover();
		const { rows } = await sql<{ n: number }>`select count(*)::int as n from pgboss.job where data->>'deploymentId' = ${id}`.execute(
			database.db,
		);
		expect(rows).toEqual([{ n: 1 }]);
		await service.cancel(admin, id);
	});
});

describe("a server that dies", () => {
	it.each(stages)("in %s goes on with that stage after its restart; the dead attempt can never speak again", async (stage) => {
		let stale: Work | null = null;
		const first = await start(
			but(stage, (name, work) => {
				stale = work;
				return untilAborted(name, work).catch(() => new Promise(() => {}));
			}),
		);
		const id = await first.start();
		await first.until(id, (state) => state.stage === stage && state.stages.some(({ status }) => status === "running"));
		await first.queue.stop();

		const second = await startTestPipeline(database, performWell);
		try {
			await second.recover();
			const state = await second.until(id, ended);
			expect(state.status).toBe("succeeded");
			expect(state.stages.map(({ attempts }) => attempts)).toEqual(stages.map((name) => (name === stage ? 2 : 1)));
			await expect(
				(stale as Work | null)?.record({ type: "system", content: "still here", metadata: { message_type: "info" } }),
			).rejects.toMatchObject({ code: "stale_attempt" });
			const log = await second.events(id);
			expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
			expect(log.filter(({ content }) => content === "still here")).toEqual([]);
		} finally {
			await second.stop();
			pipeline = null;
		}
	});

	it("stops in an orderly way without losing the work", async () => {
		const first = await start(but("build", untilAborted));
		const id = await first.start();
		await first.until(id, ({ stage }) => stage === "build");
		await first.stop();
		pipeline = null;
		const second = await start(performWell);
		expect((await second.until(id, ended)).status).toBe("succeeded");
	});

	it("gives every deployment whose job was lost a new one, however many there are", async () => {
		const { start: submit, recover, until } = await start(performWell, { work: false, recoveryPageSize: 2 });
		const ids = [await submit(), await submit(), await submit(), await submit(), await submit()];
		await database.db.deleteFrom("pgboss.job" as never).execute();
		await recover();
		await pipeline?.worker.start();
		for (const id of ids) expect((await until(id, ended)).status).toBe("succeeded");
	});
});

describe("a retry", () => {
	it("is a new deployment that keeps what was recorded before the failed stage", async () => {
		let broken = true;
		const {
			start: submit,
			until,
			service,
		} = await start(
			but("build", async () => (broken ? { ok: false, failure: { code: "build_failed", lines: ["boom"], exitCode: 1 } } : succeeded(done))),
		);
		const failed = await until(await submit(), ended);
		expect(failed.error).toMatchObject({ code: "build_failed", exit_code: 1, lines: ["boom"] });
		broken = false;
		const { deployment } = await service.retry(admin, failed.id, null, { idempotencyKey: null, correlationId: "c" });
		expect(deployment).toMatchObject({ retryOf: failed.id, from: "build", status: "queued" });
		const state = await until(deployment.id, ended);
		expect(state.status).toBe("succeeded");
		expect(state.stages.filter(({ reused }) => reused).map(({ stage }) => stage)).toEqual(["clone", "analyze", "plan", "write"]);
		expect((await pipeline?.state(failed.id))?.status).toBe("failed");
	});
});

describe("the same submit twice", () => {
	it("is one deployment under one key, and a conflict when it asks for something else", async () => {
		const { service } = await start(performWell, { work: false });
		const input = { source: { type: "git" as const, url: "https://git.example/once.git" } };
		const options = { idempotencyKey: "key-1", correlationId: "c" };
		const [first, second] = await Promise.all([service.create(admin, input, options), service.create(admin, input, options)]);
		expect(second.deployment.id).toBe(first.deployment.id);
		expect(second.events[0]).toEqual(first.events[0]);
		await expect(service.create(admin, { source: { type: "git", url: "https://git.example/other.git" } }, options)).rejects.toMatchObject({
			code: "idempotency_conflict",
		});
		await service.cancel(admin, first.deployment.id);
	});
});

it("makes one deployment when the answer of its commit was lost and the write is done again", async () => {
	const streams = {
		...database.streams,
		async write<T>(work: (writer: StreamWriter) => Promise<T>): Promise<T> {
			await database.streams.write(work);
			return database.streams.write(work);
		},
	};
	pipeline = await startTestPipeline({ ...database, streams }, performWell, { work: false });
	const before = (await pipeline.service.list(admin, { limit: 100 })).deployments.length;
	const id = await pipeline.start();
	expect((await pipeline.service.list(admin, { limit: 100 })).deployments).toHaveLength(before + 1);
	expect((await pipeline.events(id)).map(({ seq }) => seq)).toEqual([1]);
});

it("shows other people's deployments to nobody", async () => {
	const { service, start: submit } = await start(performWell, { work: false });
	const id = await submit();
	const signal = new AbortController().signal;
	const calls = [
		service.get(member, id),
		service.events(member, id, { limit: 10, wait: 0 }, signal),
		service.cancel(member, id),
		service.pause(member, id),
		service.resume(member, id),
		service.retry(member, id, null, { idempotencyKey: null, correlationId: "c" }),
		service.log(member, id, null),
		service.artifacts(member, id),
		service.artifact(member, id, "plan.json"),
	];
	const codes = (await Promise.allSettled(calls)).map((call) => (call.status === "rejected" ? call.reason.code : "answered"));
	expect(codes).toEqual(calls.map(() => "not_found"));
	expect((await service.list(member, { limit: 100 })).deployments).toEqual([]);
	await service.cancel(admin, id);
});

it("lets nobody fill the queue for everybody else", async () => {
	const { service, start: submit } = await start(performWell, { work: false });
	const crowd = { ...member, user: { ...member.user, id: "01JCROWD000000000000000000" } };
	const ids: string[] = [];
	for (let n = 0; n < 100; n++) ids.push(await submit("https://git.example/crowd.git", crowd));
	await expect(submit("https://git.example/crowd.git", crowd)).rejects.toMatchObject({ code: "rate_limited" });
	await service.cancel(crowd, ids[0] ?? "");
	ids.push(await submit("https://git.example/crowd.git", crowd));
	for (const id of ids.slice(1)) await service.cancel(crowd, id);
});
