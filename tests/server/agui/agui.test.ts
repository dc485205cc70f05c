import { HttpAgent } from "@ag-ui/client";
import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newRun } from "#lib/agui/run.ts";
import { createClient } from "#lib/client/client.ts";
import type { Input } from "#lib/deployment/decide.ts";
import { type Stage, stages } from "#lib/protocol/index.ts";
import type { Principal } from "#lib/services.ts";
import { followRun, type RunEnd } from "#server/agui/follow-run.ts";
import { failure } from "#tests/lib/deployment/simulation.ts";
import { problemsOf, watch } from "#tests/support/agui.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

let api: TestApi;
let bobsToken: string;
beforeAll(async () => {
	api = await startTestApi();
	bobsToken = await api.memberToken("bob@example.com");
}, 60_000);
afterAll(() => api?.stop());
// The client says on the console what it also throws.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));

function agentFor(threadId: string, { token = api.token, url }: { token?: string; url?: string } = {}): HttpAgent {
	const content = `Deploy ${url}, please.`;
	return new HttpAgent({
		url: `${api.server.origin}/api/agui`,
		headers: { authorization: `Bearer ${token}` },
		threadId,
		initialMessages: url ? [{ id: "mine", role: "user", content }] : [],
	});
}

const newUrl = () => `https://git.example.com/acme/${ulid()}`;

/** What a worker would say of these stages. */
async function work(id: string, done: readonly Stage[], end?: Input["type"]): Promise<void> {
	for (const stage of done) {
		const { fence } = (await api.admin.deployments.get(id)) ?? { fence: 0 };
		await api.services.ledger.apply(id, { type: "begin", stage, fence: fence + 1, node: "node", text: `Working on ${stage}.` });
		const complete: Input = { type: "complete", fence: fence + 1, text: "Done.", facts: {}, output: {}, response: `Finished ${stage}.` };
		const last = stage === done.at(-1) && end === "fail";
		await api.services.ledger.apply(id, last ? { type: "fail", fence: fence + 1, failure } : complete);
	}
}

/** The deployment of a run, once the client has heard of it. */
function deploymentOf(agent: HttpAgent): Promise<string> {
	return vi.waitFor(
		() => {
			const { id, lastSeq } = agent.state as { id?: string; lastSeq?: number };
			expect(lastSeq).toBeGreaterThan(0);
			return id as string;
		},
		{ timeout: 20_000 },
	);
}

describe("an AG-UI client (R100)", () => {
	it("starts a deployment with a message and watches it to its end; who comes later is told the same", { timeout: 60_000 }, async () => {
		const agent = agentFor("my own thread", { url: newUrl() });
		const watched = watch(agent);
		const id = await deploymentOf(agent);
		await work(id, stages);
		const live = await watched;
		expect(live.error).toBeNull();
		expect(problemsOf(live.events)).toEqual([]);
		expect(live.events.at(-1)).toMatchObject({ type: "RUN_FINISHED", threadId: "my own thread", outcome: { type: "success" } });
		const { epoch: _, activity: __, ...state } = await api.admin.deployments.get(id);
		expect(live.state).toEqual(state);
		expect(live.messages.map(({ role, content }) => [role, content])).toEqual([
			["user", expect.stringContaining("Deploy https://")],
			...["analyze", "plan", "write", "test", "verify"].map((stage) => ["assistant", `Finished ${stage}.`]),
		]);
		const log = (await api.admin.deployments.events(id)).events;
		expect(live.events.flatMap(({ rawEvent }) => rawEvent ?? [])).toEqual(log);

		for (const late of [agentFor("my own thread"), agentFor(id)]) {
			const replayed = await watch(late);
			expect(problemsOf(replayed.events)).toEqual([]);
			expect(replayed.events.slice(3, -1)).toEqual(live.events.slice(3, -1));
			expect([replayed.state, replayed.messages]).toEqual([live.state, live.messages.slice(1)]);
		}
		const again = await watch(agent);
		expect([again.error, again.messages]).toEqual([null, live.messages]);
	});

	it("that asks twice at once for the same thread makes one deployment", async () => {
		const thread = ulid();
		const url = newUrl();
		const agents = [agentFor(thread, { url }), agentFor(thread, { url })];
		const watched = agents.map((agent) => watch(agent));
		const [one, two] = await Promise.all(agents.map(deploymentOf));
		expect(two).toBe(one);
		await api.admin.deployments.cancel(one as string);
		for (const { events, error } of await Promise.all(watched)) {
			expect([error, problemsOf(events)]).toEqual([null, []]);
			expect(events.at(-1)).toMatchObject({ outcome: { type: "cancelled" } });
		}
	});

	it("is told why a deployment failed", async () => {
		const agent = agentFor(ulid(), { url: newUrl() });
		const watched = watch(agent);
		await work(await deploymentOf(agent), ["clone"], "fail");
		const { events } = await watched;
		expect(problemsOf(events)).toEqual([]);
		expect(events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "build_failed", message: expect.stringContaining("Retry.") });
	});

	it("is interrupted by a pause, and its answer goes on", async () => {
		const agent = agentFor("paused", { url: newUrl() });
		const first = watch(agent);
		const id = await deploymentOf(agent);
		await work(id, ["clone"]);
		await api.admin.deployments.pause(id);
		expect(problemsOf((await first).events)).toEqual([]);
		expect(agent.pendingInterrupts).toMatchObject([{ id: "pause", reason: "paused" }]);

		const second = watch(agent, { resume: [{ interruptId: "pause", status: "resolved" }] });
		await vi.waitFor(async () => expect((await api.admin.deployments.get(id)).status).toBe("running"));
		await work(id, stages.slice(1));
		const { events, error, state, messages } = await second;
		expect([error, problemsOf(events)]).toEqual([null, []]);
		expect(events.at(-1)).toMatchObject({ outcome: { type: "success" } });
		const whole = await watch(agentFor(id));
		expect([state, messages.slice(1)]).toEqual([whole.state, whole.messages]);
	});

	it("is interrupted by a question to a person, and its answer is the person's", async () => {
		const agent = agentFor(ulid());
		const deployment = { source: { type: "git", url: newUrl() }, approvals: "all" };
		const first = watch(agent, { forwardedProps: { deployment } });
		const id = await deploymentOf(agent);
		await work(id, ["clone", "analyze", "plan"]);
		const asked = await first;
		expect([asked.error, problemsOf(asked.events)]).toEqual([null, []]);
		expect(agent.pendingInterrupts).toMatchObject([
			{ id: "plan-1", reason: "approval", metadata: { kind: "plan", stage: "write" }, responseSchema: { required: ["decision"] } },
		]);

		const unclear = await watch(agent, { resume: [{ interruptId: "plan-1", status: "resolved", payload: "yes" }] });
		expect(unclear.error).toMatchObject({ status: 400 });
		const second = watch(agent, {
			resume: [{ interruptId: "plan-1", status: "resolved", payload: { decision: "approve", note: "Fine." } }],
		});
		await vi.waitFor(async () => expect((await api.admin.deployments.get(id)).status).toBe("running"));
		await work(id, ["write", "build", "test"]);
		expect([(await second).error, problemsOf((await second).events)]).toEqual([null, []]);
		expect(agent.pendingInterrupts).toMatchObject([{ id: "deploy-1", metadata: { stage: "deploy" } }]);

		const third = await watch(agent, { resume: [{ interruptId: "deploy-1", status: "cancelled" }] });
		expect([third.error, problemsOf(third.events)]).toEqual([null, []]);
		expect(third.events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "cancelled" } });
		const whole = await watch(agentFor(id));
		expect([third.state, third.messages]).toEqual([whole.state, whole.messages]);
		expect((await api.admin.deployments.get(id)).approvals).toMatchObject([
			{ status: "approved", note: "Fine.", by: { via: "token" } },
			{ status: "rejected" },
		]);
	});

	it("whose token may not approve is refused, and the question stays open", async () => {
		const agent = agentFor(ulid(), { token: bobsToken });
		const deployment = { source: { type: "git", url: newUrl() }, approvals: "plan" };
		const first = watch(agent, { forwardedProps: { deployment } });
		const id = await deploymentOf(agent);
		await work(id, ["clone", "analyze", "plan"]);
		await first;
		const { error } = await watch(agent, { resume: [{ interruptId: "plan-1", status: "resolved", payload: { decision: "approve" } }] });
		expect(error).toMatchObject({ status: 403 });
		expect(await api.admin.deployments.get(id)).toMatchObject({ status: "waiting", approvals: [{ status: "pending" }] });
		await api.admin.deployments.cancel(id);
	});

	it("whose answer comes after somebody else's is shown what became of it", async () => {
		const agent = agentFor(ulid(), { url: newUrl() });
		const first = watch(agent);
		const id = await deploymentOf(agent);
		await api.admin.deployments.pause(id);
		await first;
		await api.admin.deployments.cancel(id);
		const { events, error } = await watch(agent, { resume: [{ interruptId: "pause", status: "resolved" }] });
		expect([error, problemsOf(events)]).toEqual([null, []]);
		expect(events.at(-1)).toMatchObject({ outcome: { type: "cancelled" } });
	});

	it("that gives the question up cancels the deployment", async () => {
		const agent = agentFor(ulid(), { url: newUrl() });
		const first = watch(agent);
		const id = await deploymentOf(agent);
		await api.admin.deployments.pause(id);
		await first;
		const { events } = await watch(agent, { resume: [{ interruptId: "pause", status: "cancelled" }] });
		expect(events.at(-1)).toMatchObject({ outcome: { type: "cancelled" } });
		expect((await api.admin.deployments.get(id)).status).toBe("cancelled");
	});

	it("that goes away is noticed, and the deployment goes on without it", async () => {
		const agent = agentFor(ulid(), { url: newUrl() });
		const before = api.services.ends.length;
		const watched = watch(agent);
		const id = await deploymentOf(agent);
		agent.abortRun();
		await watched;
		await vi.waitFor(() => expect(api.services.ends.slice(before)).toEqual(["gone"]), { timeout: 10_000 });
		expect((await api.admin.deployments.get(id)).status).toBe("queued");
	});

	it("is refused without a token, without anything to deploy, and what belongs to another", async () => {
		const mine = agentFor(ulid(), { url: newUrl() });
		const watched = watch(mine);
		const id = await deploymentOf(mine);
		const refused = [
			agentFor(ulid(), { token: "wrong" }),
			agentFor(ulid()),
			agentFor(id, { token: bobsToken }),
			agentFor(mine.threadId, { token: bobsToken }),
		];
		const errors = await Promise.all(refused.map(async (agent) => (await watch(agent)).error));
		expect(errors.map((error) => (error as { status?: number } | null)?.status)).toEqual([401, 404, 404, 404]);
		expect(JSON.stringify((errors[3] as { payload?: unknown } | null)?.payload)).toContain("does not say what to deploy");
		await api.admin.deployments.cancel(id);
		await watched;
	});

	it("that holds as many requests as it may is refused another run, before anything is made for it", async () => {
		const bobs = createClient({ origin: api.server.origin, token: bobsToken });
		const { user } = await bobs.accounts.me();
		const open = new AbortController();
		for (let n = 0; n < 20; n++) api.services.hold(user.id, open.signal);
		const thread = ulid();
		expect((await watch(agentFor(thread, { token: bobsToken, url: newUrl() }))).error).toMatchObject({ status: 429 });
		open.abort();
		// Nothing was made: who does not say what to deploy finds nothing. That is no request that is held any more, either.
		expect((await watch(agentFor(thread, { token: bobsToken }))).error).toMatchObject({ status: 404 });

		const agent = agentFor(thread, { token: bobsToken, url: newUrl() });
		const watched = watch(agent);
		await bobs.deployments.cancel(await deploymentOf(agent));
		expect((await watched).error).toBeNull();
		expect(() => Array.from({ length: 20 }, () => api.services.hold(user.id, AbortSignal.timeout(0)))).not.toThrow();
	});

	it("that sends what AG-UI does not have is refused with the name of the field", async () => {
		const response = await fetch(`${api.server.origin}/api/agui`, {
			method: "POST",
			headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
			body: JSON.stringify({ threadId: "t", runId: "r", messages: [{ id: "1", role: "nobody", content: "" }] }),
		});
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ error: { code: "bad_request", message: expect.stringContaining("“role”") } });
	});
});

describe("a run", () => {
	const principal: Principal = { user: { id: "u", email: "", name: "", role: "member" }, via: "token", expiresAt: null, mayApprove: true };
	const page = { epoch: "e", min: 1, head: 0, closed: false, events: [], activity: null };

	async function follow(
		parts: Partial<Parameters<typeof followRun>[0]>,
	): Promise<{ last: unknown; how: RunEnd | null; reported: unknown[] }> {
		const reported: unknown[] = [];
		let how: RunEnd | null = null;
		const run = followRun({
			run: newRun("t", "r", "d"),
			held: [],
			from: 0,
			read: async () => page,
			principal,
			reauthenticate: async () => principal,
			gone: new AbortController().signal,
			stopping: new AbortController().signal,
			report: (error) => `ref-${reported.push(error)}`,
			onBegin: () => {},
			onEnd: (end) => {
				how = end;
			},
			...parts,
		});
		const events = (await Array.fromAsync(run)).filter((event) => event !== null);
		expect(problemsOf(events)).toEqual([]);
		return { last: events.at(-1), how, reported };
	}

	it("ends with a word when its login has ended", async () => {
		const { last, how } = await follow({ reauthenticate: async () => null, proofMs: -1 });
		expect([how, last]).toEqual(["broken", expect.objectContaining({ type: "RUN_ERROR", code: "unauthenticated" })]);
	});

	it("ends with a word, and not with ours, when the log cannot be read", async () => {
		const { last, how, reported } = await follow({ read: () => Promise.reject(new Error("password=hunter22")) });
		expect(how).toBe("broken");
		expect(last).toMatchObject({ type: "RUN_ERROR", code: "internal", message: expect.stringContaining("ref-1") });
		expect(JSON.stringify(last)).not.toContain("hunter22");
		expect(reported).toHaveLength(1);
	});

	it("ends with a word when the log was restored from a backup", async () => {
		const { last } = await follow({ read: async () => ({ ...page, reset: "epoch" }) });
		expect(last).toMatchObject({ type: "RUN_ERROR", code: "conflict" });
	});
});

// Last, because it takes no new runs afterwards.
describe("a server that stops", () => {
	it("ends every run with a word, and takes no new ones", async () => {
		const agent = agentFor(ulid(), { url: newUrl() });
		const watched = watch(agent);
		await deploymentOf(agent);
		await api.services.agui.stop();
		const { events } = await watched;
		expect(problemsOf(events)).toEqual([]);
		expect(events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "shutting_down" });
		expect(api.services.ends.at(-1)).toBe("stopping");
		expect((await watch(agentFor(ulid(), { url: newUrl() }))).error).toMatchObject({ status: 503 });
	});
});
