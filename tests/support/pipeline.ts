import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import type { DeploymentState } from "#lib/deployment/state.ts";
import {
	type AgentName,
	type ApprovalPolicy,
	agents as agentNames,
	type CreateDeployment,
	isTerminal,
	type Outcome,
	type Stage,
	type StreamEvent,
	streamOf,
	succeeded,
} from "#lib/protocol/index.ts";
import type { DeploymentService, Principal } from "#lib/services.ts";
import type { Agent, StageResult, Work } from "#server/agents/agent.ts";
import { templateAuthor } from "#server/agents/brief/templates.ts";
import type { Sandbox } from "#server/exec/sandbox.ts";
import { createDeploymentService } from "#server/pipeline/deployments.ts";
import { openFolders } from "#server/pipeline/folders.ts";
import { Ledger } from "#server/pipeline/ledger.ts";
import { loadState } from "#server/pipeline/load-state.ts";
import { openStageQueue, type StageQueue } from "#server/pipeline/queue.ts";
import { createRecovery } from "#server/pipeline/recovery.ts";
import type { Replan } from "#server/pipeline/replan.ts";
import { createWorker, type ProjectSecrets, type Worker } from "#server/pipeline/worker.ts";
import type { TestDatabase } from "./database.ts";
import { noSsh } from "./scratch.ts";

export type Performance = (stage: Stage, work: Work) => Promise<Outcome<StageResult>>;

/** The pipeline on a real database and queue, with agents that do what a test says. */
export interface TestPipeline {
	service: DeploymentService;
	ledger: Ledger;
	queue: StageQueue;
	worker: Worker;
	/** Errors that were reported. */
	errors: unknown[];
	sandbox: ScriptedSandbox;
	start(url?: string, principal?: Principal): Promise<string>;
	state(id: string): Promise<DeploymentState>;
	/** Resolves with the state as soon as it is as asked. */
	until(id: string, reached: (state: DeploymentState) => boolean): Promise<DeploymentState>;
	events(id: string): Promise<StreamEvent[]>;
	/** Takes up what an earlier process left behind. */
	recover(): Promise<void>;
	stop(): Promise<void>;
}

export const admin: Principal = {
	user: { id: "01JADMIN000000000000000000", email: "a@example.com", name: "A", role: "admin" },
	via: "session",
	expiresAt: null,
	mayApprove: true,
};
export const member: Principal = {
	user: { id: "01JMEMBER00000000000000000", email: "m@example.com", name: "M", role: "member" },
	via: "session",
	expiresAt: null,
	mayApprove: true,
};

export const done: StageResult = { text: "Done, 1 thing.", facts: {}, output: {} };

interface ScriptedSandbox extends Sandbox {
	/** Processes that are found under each mark. */
	left: Map<string, number>;
}

export async function startTestPipeline(
	{ db, connection, streams }: TestDatabase,
	perform: Performance,
	{
		concurrency = 2,
		work = true,
		nodeId = "node-1",
		recoveryPageSize,
		approvals = "none",
		replan = () => Promise.reject(new Error("not scripted")),
		reportError: report = () => {},
		environment = async () => ({ build: { API_KEY: "sk-TESTSECRET" }, runtime: { API_KEY: "sk-TESTSECRET" }, secrets: ["sk-TESTSECRET"] }),
	}: {
		concurrency?: number;
		work?: boolean;
		nodeId?: string;
		/** What the project asks a person to allow. */
		approvals?: ApprovalPolicy;
		replan?: Replan;
		recoveryPageSize?: number;
		/** Hears of reported errors as well; what it answers is their reference. */
		reportError?: (error: unknown, context: Record<string, string>) => string | void;
		environment?: ProjectSecrets["environment"];
	} = {},
): Promise<TestPipeline> {
	const home = await mkdtemp(join(tmpdir(), "quayside-pipeline-"));
	const errors: unknown[] = [];
	const reportError = (error: unknown, context: Record<string, string> = {}): string => {
		const reference = `ref-${errors.push(error)}`;
		return report(error, context) ?? reference;
	};
	const queue = await openStageQueue(connection, reportError);
	const ledger = new Ledger(streams, queue);
	const sandbox = scriptedSandbox();
	const worker = createWorker({
		db,
		ledger,
		queue,
		activity: streams.activity,
		agents: Object.fromEntries(agentNames.map((name) => [name, scriptedAgent(name, perform)])) as Record<AgentName, Agent>,
		sandbox,
		folders: await openFolders(home),
		nodeId,
		concurrency,
		projects: {
			settings: async () => ({ deadlinesMs: { test: 1000 } }),
			environment,
			gitToken: async () => null,
			sshAccess: async () => noSsh,
			adoptSource: async () => {},
		},
		reportError,
	});
	const recovery = createRecovery({
		db,
		streams,
		ledger,
		sandbox,
		nodeId,
		bootId: ulid(),
		nodeName: "test",
		running: worker.running,
		pageSize: recoveryPageSize,
		reportError,
	});
	const service = createDeploymentService({
		db,
		streams,
		ledger,
		projects: scriptedProjects(),
		encryption: { open: (_purpose, _row, sealed) => Buffer.from(sealed).toString() },
		checkSource: () => {},
		author: templateAuthor,
		cancelRunning: worker.cancel,
		replan,
		releaseChanges: async ({ target, commit }) => ({ target, commit, live: null, env: { added: [], removed: [], changed: [] }, plan: [] }),
	});
	if (work) await worker.start();

	const state = async (id: string): Promise<DeploymentState> => {
		const found = await loadState(db, id);
		if (!found) throw new Error(`no deployment ${id}`);
		return found;
	};
	return {
		service,
		ledger,
		queue,
		worker,
		errors,
		sandbox,
		state,
		async start(url = "https://git.example/web-shop.git", principal = admin) {
			const { deployment } = await service.create(
				principal,
				{ source: { type: "git", url } },
				{ idempotencyKey: null, correlationId: "c" },
			);
			return deployment.id;
		},
		async until(id, reached) {
			const first = await state(id);
			if (reached(first)) return first;
			for await (const _ of streams.follow({ stream: streamOf.deployment(id), epoch: null, after: 0 }, AbortSignal.timeout(15_000))) {
				const current = await state(id);
				if (reached(current)) return current;
				if (isTerminal(current.status)) break;
			}
			throw new Error(`never reached: ${JSON.stringify(await state(id))}`);
		},
		async events(id) {
			const events: StreamEvent[] = [];
			for (;;) {
				const page = await streams.read({ stream: streamOf.deployment(id), epoch: null, after: events.length });
				if (page.events.length === 0) return events;
				events.push(...page.events);
			}
		},
		async recover() {
			await recovery.start();
			await recovery.stop();
		},
		async stop() {
			await worker.stop();
			await queue.stop();
			await rm(home, { recursive: true, force: true });
		},
	};

	function scriptedProjects() {
		const project = async (writer: { trx: TestDatabase["db"] }, ownerId: string, name: string, url: string) => {
			const existing = await writer.trx.selectFrom("projects").select("id").where("slug", "=", name).executeTakeFirst();
			const id = existing?.id ?? ulid();
			const source = { type: "git" as const, url, ref: null, directory: null, private: false };
			if (!existing)
				await writer.trx
					.insertInto("projects")
					.values({
						id,
						owner_id: ownerId,
						slug: name,
						name,
						source: JSON.stringify(source),
						target: "local",
						settings: "{}",
						git_token: null,
						active_release: null,
						created_at: new Date(),
						deleted_at: null,
					})
					.execute();
			const { next_number } = await writer.trx
				.updateTable("projects")
				.set((set) => ({ next_number: set("next_number", "+", 1) }))
				.where("id", "=", id)
				.returning("next_number")
				.executeTakeFirstOrThrow();
			return { project: { id, slug: name, name }, source, target: "local", approvals, number: next_number - 1 };
		};
		return {
			forSource: (writer: never, ownerId: string, input: CreateDeployment) =>
				project(writer, ownerId, "web-shop", input.source.type === "git" ? input.source.url : "upload:web-shop"),
			next: (writer: never) => project(writer, "", "web-shop", ""),
		};
	}
}

/** Performs every stage at once and well, unless the script says otherwise. */
export const performWell: Performance = async () => succeeded(done);

function scriptedAgent(name: AgentName, perform: Performance): Agent {
	return { name, opening: (stage) => `Beginning ${stage}.`, perform };
}

function scriptedSandbox(): ScriptedSandbox {
	const left = new Map<string, number>();
	return {
		isolation: "bubblewrap",
		left,
		run: () => Promise.reject(new Error("not scripted")),
		async endMarked(mark) {
			const stopped = left.get(mark) ?? 0;
			left.delete(mark);
			return { stopped, durationMs: 0, left: [] };
		},
		prepareWritable: async () => {},
	};
}
