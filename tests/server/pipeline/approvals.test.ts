import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#lib/errors.ts";
import { type AnswerApproval, isTerminal, type Metadata, planSchema, streamOf } from "#lib/protocol/index.ts";
import { planFile } from "#server/agents/architect.ts";
import { noSteps } from "#server/plan/provider.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { admin, member, performWell, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";

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

async function start(options?: Parameters<typeof startTestPipeline>[2]): Promise<TestPipeline> {
	pipeline = await startTestPipeline(database, performWell, options);
	return pipeline;
}

const waits = ({ status }: { status: string }) => status === "waiting";
const ended = ({ status }: { status: Parameters<typeof isTerminal>[0] }) => isTerminal(status);
const approve: AnswerApproval = { decision: "approve" };

/** Attempts that are recorded as going on, and jobs that wait or run in the queue. */
async function held(id: string): Promise<number> {
	const open = await database.db
		.selectFrom("attempts")
		.select("id")
		.where("deployment_id", "=", id)
		.where("ended_at", "is", null)
		.execute();
	const { rows } = await sql<{ count: number }>`
		select count(*)::int as count from pgboss.job where data->>'deploymentId' = ${id} and state in ('created', 'retry', 'active')
	`.execute(database.db);
	return open.length + (rows[0]?.count ?? 0);
}

describe("a deployment that waits for a person", () => {
	it("holds no job and no attempt, is in their inbox, and goes on with the answer", async () => {
		const { start: submit, service, until, events } = await start({ approvals: "all" });
		const id = await submit();
		const state = await until(id, waits);
		expect(state.approvals).toMatchObject([{ id: "plan-1", kind: "plan", status: "pending" }]);
		await expect.poll(() => held(id), { timeout: 10_000 }).toBe(0);
		expect(await service.waitingApprovals(admin)).toMatchObject([
			{ deploymentId: id, id: "plan-1", stage: "write", project: { slug: "web-shop" } },
		]);

		await service.answer(admin, id, "plan-1", { decision: "approve", note: "Go." });
		expect((await until(id, ({ approvals }) => approvals.length === 2)).approvals).toMatchObject([
			{ status: "approved", note: "Go.", by: { id: admin.user.id, name: "A", via: "session" } },
			{ id: "deploy-1", kind: "deploy", status: "pending" },
		]);
		expect(await service.approval(admin, id, "deploy-1")).toMatchObject({ approval: { id: "deploy-1" }, changes: { target: "local" } });
		await service.answer(admin, id, "deploy-1", approve);
		expect((await until(id, ended)).status).toBe("succeeded");
		expect(await service.waitingApprovals(admin)).toEqual([]);
		const told = await database.db
			.selectFrom("events")
			.select("type")
			.where("stream", "=", streamOf.user(admin.user.id))
			.where("deployment_id", "=", id)
			.execute();
		expect(told.filter(({ type }) => type === "approval_requested")).toHaveLength(2);
		expect((await events(id)).filter(({ type }) => type === "approval_resolved")).toHaveLength(2);
	});

	it("goes on waiting after its node restarts: nothing takes it up, and the answer still counts", async () => {
		const first = await start({ approvals: "deploy" });
		const id = await first.start();
		const { lastSeq } = await first.until(id, waits);
		await first.stop();
		const second = await start({ approvals: "deploy" });
		await second.recover();
		expect(await second.state(id)).toMatchObject({ status: "waiting", lastSeq });
		expect(await held(id)).toBe(0);
		await second.service.answer(admin, id, "deploy-1", approve);
		expect((await second.until(id, ended)).status).toBe("succeeded");
	});

	it("is asked for by the request, too; neither takes away what the other asks for", async () => {
		const { service, until } = await start({ approvals: "deploy" });
		const { deployment } = await service.create(
			admin,
			{ source: { type: "git", url: "https://git.example/web-shop.git" }, approvals: "plan" },
			{ idempotencyKey: null, correlationId: "c" },
		);
		expect(deployment.approvalPolicy).toBe("all");
		const asked = await until(deployment.id, waits);
		expect(asked.approvals).toMatchObject([{ kind: "plan" }]);
		await service.cancel(admin, deployment.id);
	});

	it("ends as cancelled when it is rejected, and a retry asks again with what was finished", async () => {
		const { start: submit, service, until } = await start({ approvals: "deploy" });
		const id = await submit();
		await until(id, waits);
		const answered = await service.answer(admin, id, "deploy-1", { decision: "reject", note: "Not on a Friday." });
		expect(answered).toMatchObject({ status: "cancelled", error: null, approvals: [{ status: "rejected", note: "Not on a Friday." }] });
		const { deployment } = await service.retry(admin, id, null, { idempotencyKey: null, correlationId: "c" });
		expect(deployment).toMatchObject({ status: "waiting", from: "deploy", approvals: [{ id: "deploy-1", status: "pending" }] });
		expect(deployment.stages.filter(({ reused }) => reused)).toHaveLength(6);
		await service.answer(admin, deployment.id, "deploy-1", approve);
		expect((await until(deployment.id, ended)).status).toBe("succeeded");
	});
});

describe("two answers", () => {
	it("at the same moment: one counts, the other is told by whom", async () => {
		const { start: submit, service, until } = await start({ approvals: "plan" });
		const id = await submit("https://git.example/web-shop.git", member);
		await until(id, waits);
		const answers = await Promise.allSettled([
			service.answer(member, id, "plan-1", approve),
			service.answer(admin, id, "plan-1", { decision: "reject" }),
		]);
		const late = answers.find(({ status }) => status === "rejected") as PromiseRejectedResult;
		expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		const { approvals } = await until(id, ended);
		const { by, status } = approvals[0] ?? {};
		expect(late.reason).toMatchObject({ code: "already_answered", message: `${by?.name} has ${status} this already.` });
	});

	it("of one person from two tabs: the second is told that it was they", async () => {
		const { start: submit, service, until } = await start({ approvals: "plan" });
		const id = await submit();
		await until(id, waits);
		await service.answer(admin, id, "plan-1", approve);
		await expect(service.answer(admin, id, "plan-1", { decision: "reject" })).rejects.toMatchObject({
			code: "already_answered",
			message: "You have approved this already.",
		});
		expect((await until(id, ended)).status).toBe("succeeded");
	});
});

describe("who may answer", () => {
	it("is who may see the deployment, and no token that may not", async () => {
		const { start: submit, service, until, state } = await start({ approvals: "plan" });
		const id = await submit();
		await until(id, waits);
		await expect(service.answer(member, id, "plan-1", approve)).rejects.toMatchObject({ code: "not_found" });
		await expect(service.approval(member, id, "plan-1")).rejects.toMatchObject({ code: "not_found" });
		expect(await service.waitingApprovals(member)).toEqual([]);
		await expect(service.answer({ ...admin, via: "token", mayApprove: false }, id, "plan-1", approve)).rejects.toMatchObject({
			code: "forbidden",
		});
		await expect(service.answer(admin, id, "plan-2", approve)).rejects.toMatchObject({ code: "not_found" });
		expect(await state(id)).toMatchObject({ status: "waiting", approvals: [{ status: "pending" }] });
		await service.cancel(admin, id);
	});
});

describe("a changed plan", () => {
	const plan = planSchema.parse({
		...noSteps,
		...{ provider: "own", framework: "Own commands", summary: "Own commands", kind: "process", directory: "", confidence: 1 },
		...{ start: ["node", "."], evidence: [], warnings: [] },
	});
	const replanned: Metadata<"plan_generated"> = { plan, tasks: [{ id: "t", name: "Write" }], alternatives: [] };

	it("is what goes on, is kept as a file, and is recorded with who changed it", async () => {
		const { start: submit, service, until } = await start({ approvals: "plan", replan: async () => replanned });
		const id = await submit();
		await until(id, waits);
		const edit = { start: "node ." };
		const answered = await service.answer(admin, id, "plan-1", { decision: "approve", edit });
		expect(answered).toMatchObject({ plan, planEdit: edit, approvals: [{ status: "approved", edited: true }] });
		const { body } = await service.artifact(admin, id, "plan.json");
		expect(Buffer.from(body).toString()).toBe(planFile(plan).text);
		expect((await until(id, ended)).status).toBe("succeeded");
	});

	it("that cannot be carried out is refused with the reason, and the question stays open", async () => {
		const refused = new AppError("config_invalid", { message: "The approver's change cannot be used." });
		const { start: submit, service, until, state } = await start({ approvals: "plan", replan: () => Promise.reject(refused) });
		const id = await submit();
		await until(id, waits);
		const answer: AnswerApproval = { decision: "approve", edit: { node: "99x" } };
		await expect(service.answer(admin, id, "plan-1", answer)).rejects.toBe(refused);
		await expect(service.answer(admin, id, "plan-1", { ...answer, decision: "reject" })).rejects.toMatchObject({ code: "bad_request" });
		expect((await state(id)).approvals).toMatchObject([{ status: "pending" }]);
		await service.cancel(admin, id);
	});
});
