import { setTimeout as delay } from "node:timers/promises";
import type { Kysely, Transaction } from "kysely";
import type { Input } from "../../lib/deployment/decide.ts";
import { runningStage } from "../../lib/deployment/endings.ts";
import { fixedMemoryMb } from "../../lib/deployment/fixes.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError, isAppError, toPublicError } from "../../lib/errors.ts";
import {
	type AgentName,
	agentOfStage,
	type DeploymentSource,
	type Failure,
	type Outcome,
	type ProjectSettings,
	type Stage,
} from "../../lib/protocol/index.ts";
import type { Agent, SshAccess, StageResult, Work } from "../agents/agent.ts";
import { isConnectionBroken } from "../db/broken.ts";
import type { Schema } from "../db/schema.ts";
import type { KillProof, Sandbox } from "../exec/sandbox.ts";
import type { ProjectEnvironment } from "../projects/project-secrets.ts";
import { createRedactor } from "../secrets/redact.ts";
import type { Secret } from "../secrets/secret.ts";
import type { ActivityBoard } from "../streams/streams.ts";
import { keepArtifact } from "./artifacts.ts";
import { type AttemptSetting, beginning, beginOrNull, deadlineOf } from "./attempt-begin.ts";
import { type AttemptIdentity, type AttemptRecorder, createAttemptRecorder } from "./attempt-recorder.ts";
import { earlierDeployments } from "./earlier.ts";
import { failureOf } from "./failure.ts";
import type { Folders } from "./folders.ts";
import type { Ledger } from "./ledger.ts";
import { loadState } from "./load-state.ts";
import { readProduct } from "./product.ts";
import { type Proposed, proposeFix } from "./propose-fix.ts";
import { type ProvenSandbox, provenSandbox } from "./proven-sandbox.ts";
import type { StageJob, StageQueue } from "./queue.ts";
import { type EndCause, openAttempt, type RunningAttempt } from "./running-attempt.ts";

export interface WorkerOptions {
	db: Kysely<Schema>;
	ledger: Ledger;
	queue: StageQueue;
	activity: ActivityBoard;
	agents: Readonly<Record<AgentName, Agent>>;
	sandbox: Sandbox;
	folders: Folders;
	nodeId: string;
	/** Attempts at a time. */
	concurrency: number;
	projects: ProjectSecrets;
	/** Writes an unexpected error to the log; the answer is its reference. */
	reportError: (error: unknown, context: Record<string, string>) => string;
}

/** What the worker asks about the project of a deployment. */
export interface ProjectSecrets {
	settings(projectId: string): Promise<ProjectSettings>;
	environment(projectId: string): Promise<ProjectEnvironment>;
	gitToken(projectId: string, url: string): Promise<Secret | null>;
	sshAccess(projectId: string): Promise<SshAccess>;
	/** Makes what was cloned the project's own source. */
	adoptSource(trx: Transaction<Schema>, projectId: string, source: DeploymentSource): Promise<void>;
}

export interface Worker {
	start(): Promise<void>;
	/** Ends the running attempt of a deployment because somebody cancelled it. */
	cancel(deploymentId: string): void;
	/** Attempts that run in this process. */
	running(): readonly string[];
	/** Ends every attempt in a way that lets the next start go on; resolves when nothing runs. */
	stop(): Promise<void>;
}

/** The job this worker goes on with, and the deployment as it stands then. */
interface Next {
	job: StageJob | null;
	state: DeploymentState;
	/** The attempt at it that has begun already, together with the end of the one before. */
	begun?: Begun;
}

interface Begun extends AttemptSetting {
	attempt: RunningAttempt;
}

/** What a stage waits for until it knows better. */
const firstAwaiting: Readonly<Record<Stage, string>> = {
	clone: "the git server to answer",
	analyze: "the files to be read",
	plan: "the files that say how to build this",
	write: "the files to be written",
	build: "the files to be put in place",
	test: "the tests to start",
	deploy: "the release to be put in place",
	verify: "the preview to answer",
};
const activityMs = 1000;
const heartbeatMs = 3000;
/** An aborted stage has this long to come back before the worker goes on without it. */
const abortGraceMs = 6000;
const defaultMemoryMb = 4096;

/** Carries out stage attempts: begin, work under a deadline, end with one of complete, fail, stopped, lose. */
export function createWorker(options: WorkerOptions): Worker {
	const { db, ledger, queue, folders, nodeId, agents } = options;
	const opening = { nodeId, agents, isolated: options.sandbox.isolation !== "none" };
	const attempts = new Map<string, RunningAttempt>();
	let stopping = false;

	/** Carries a deployment on from stage to stage, as long as one follows: nobody has to be woken for it. */
	async function handle(first: StageJob): Promise<void> {
		let state = await loadState(db, first.deploymentId);
		let begun: Begun | undefined;
		for (let job: StageJob | null = first; job !== null && state !== null; ) {
			// A job that was taken while the server stops is for the next start; an attempt that has begun says so itself.
			if (stopping && !begun) return queue.send(db, job, 1);
			const attempt: RunningAttempt = begun?.attempt ?? open(job.deploymentId);
			try {
				({ job, state, begun } = begun ? await runAttempt(job, state, begun) : await carryOut(job, state, attempt));
			} finally {
				close(attempt);
			}
		}
	}

	function open(deploymentId: string): RunningAttempt {
		const attempt = openAttempt(deploymentId);
		attempts.set(attempt.id, attempt);
		return attempt;
	}

	function close(attempt: RunningAttempt): void {
		attempts.delete(attempt.id);
		attempt.settle();
	}

	/** Answers the job that follows, if this worker is to go on with it, and the state it follows from. */
	async function carryOut(job: StageJob, state: DeploymentState, attempt: RunningAttempt): Promise<Next> {
		const setting = await settingOf(state);
		if (attempt.cause() === "shutdown") {
			await queue.send(db, job, 1);
			return { job: null, state };
		}
		const begun = await beginOrNull(ledger, job, state, beginning(attempt.id, setting, opening));
		return begun ? runAttempt(job, begun, { attempt, ...setting }) : { job: null, state };
	}

	async function settingOf({ project: { id } }: DeploymentState): Promise<AttemptSetting> {
		const [settings, environment] = await Promise.all([options.projects.settings(id), options.projects.environment(id)]);
		return { settings, environment };
	}

	async function runAttempt(job: StageJob, state: DeploymentState, { attempt, settings, environment }: Begun): Promise<Next> {
		const agent = options.agents[agentOfStage[job.stage]];
		const deadlineMs = deadlineOf(job.stage, settings);
		const number = state.stages.find(({ stage }) => stage === job.stage)?.attempts ?? 1;
		const identity = { id: attempt.id, deploymentId: state.id, stage: job.stage, agent: agent.name, number, fence: job.fence };
		const { signal, end } = attempt;
		const deadline = setTimeout(() => end("deadline"), deadlineMs);
		const recorder = createAttemptRecorder({
			ledger,
			attempt: identity,
			logLines: state.logLines,
			createRedactor: () => createRedactor(environment.secrets),
			onRefused: () => end("refused"),
		});
		recorder.awaiting(firstAwaiting[identity.stage]);
		let isOver = false;
		// What is heard while the last word is being written changes nothing any more.
		const stopTicking = tick(identity, recorder, (cause) => isOver || end(cause));
		const sandbox = provenSandbox(options.sandbox);
		try {
			const work = workOf({ identity, state, recorder, sandbox, signal, deadlineMs, settings, environment });
			const outcome = await performWithin(agent, identity.stage, work, signal);
			const proposed = await proposeFix({ identity, outcome, developer: options.agents.Developer, work, recorder }).catch(
				(error: unknown) => {
					options.reportError(error, { attempt: identity.id, deployment: identity.deploymentId, part: "repair" });
					return null;
				},
			);
			isOver = true;
			const next = await finish(identity, recorder, outcome, proposed, attempt.cause(), sandbox, state);
			return next ?? { job: null, state };
		} catch (error) {
			options.reportError(error, { attempt: identity.id, deployment: identity.deploymentId, stage: identity.stage });
			return { job: null, state };
		} finally {
			clearTimeout(deadline);
			stopTicking();
		}
	}

	function workOf(parts: {
		identity: AttemptIdentity;
		state: DeploymentState;
		recorder: AttemptRecorder;
		sandbox: Sandbox;
		signal: AbortSignal;
		deadlineMs: number;
		settings: ProjectSettings;
		environment: ProjectEnvironment;
	}): Work {
		const { identity, state, recorder } = parts;
		return {
			state,
			attemptId: identity.id,
			signal: parts.signal,
			reporter: recorder,
			sandbox: parts.sandbox,
			deadlineMs: parts.deadlineMs,
			memoryMb: Math.max(parts.settings.buildMemoryMb ?? defaultMemoryMb, fixedMemoryMb(state) ?? 0),
			planOverrides: parts.settings.plan ?? {},
			fixPolicy: parts.settings.fixes ?? "off",
			record: (draft) => recorder.record(draft),
			say: (draft) => {
				recorder.record(draft).catch((error: unknown) => {
					// What else is refused has ended the attempt already.
					if (error instanceof RangeError) options.reportError(error, { attempt: identity.id, deployment: identity.deploymentId });
				});
			},
			speak: recorder.speak,
			redact: recorder.redact,
			openRedactor: () => createRedactor(parts.environment.secrets),
			keepArtifact: (name, mediaType, text) => keepArtifact(recorder, identity.deploymentId, { name, mediaType, text }),
			sourceDir: folders.source,
			buildDir: folders.build,
			cacheDir: folders.cache(state.project.id),
			earlier: (only) => earlierDeployments(db, state, only),
			environment: async (scope) => parts.environment[scope],
			productOf: (deploymentId) => readProduct(db, deploymentId, state.project.id),
			uploadDir: folders.upload,
			gitToken: () => options.projects.gitToken(state.project.id, state.source?.url ?? ""),
			sshAccess: () => options.projects.sshAccess(state.project.id),
		};
	}

	/**
	 * Writes the attempt's last word, with everything it said before and the first word of the attempt that follows, in one transaction.
	 * Null when the deployment has moved on without this attempt.
	 */
	async function finish(
		identity: AttemptIdentity,
		recorder: AttemptRecorder,
		outcome: Outcome<StageResult> | { thrown: unknown },
		proposed: Proposed | null,
		cause: EndCause | null,
		sandbox: ProvenSandbox,
		begunFrom: DeploymentState,
	): Promise<Next | null> {
		// Looking through the machine's processes takes a while: a stage that came to its end and whose runs are proven gone has none.
		const isQuiet = "ok" in outcome && outcome.ok && !sandbox.mayHaveLeft();
		const setting = settingOf(begunFrom).catch(() => null);
		const { left } = isQuiet ? { left: [] } : await sandbox.endMarked(identity.id);
		if (cause === "refused") return null;
		const before = await recorder.drain();
		const input = lastWord(identity, recorder, outcome, proposed, cause, sandbox.proof());
		if (left.length > 0) options.reportError(new Error(`processes survived SIGKILL: ${left.join(", ")}`), { attempt: identity.id });
		const ready = input.type === "complete" ? await setting : null;
		const carriesOn = (input.type === "complete" || input.type === "fail") && !stopping;
		// Known to `stop` and `cancel` before it can have begun.
		const next = carriesOn && ready ? { attempt: open(identity.deploymentId), ...ready } : null;
		let begun: Begun | null = null;
		try {
			const applied = await ledger.apply(identity.deploymentId, input, {
				before,
				once: { attempt: identity.id, key: "end" },
				carriesOn,
				following: next ? beginning(next.attempt.id, next, opening) : undefined,
				within: async ({ trx }, { project, source }) => {
					await endAttempt(trx, identity.id);
					if (input.type === "complete" && identity.stage === "clone" && source)
						await options.projects.adoptSource(trx, project.id, source);
				},
			});
			options.activity.clear(identity.deploymentId);
			const job = carriesOn && applied.job ? { deploymentId: identity.deploymentId, ...applied.job } : null;
			begun = job && applied.begun ? next : null;
			return { job, state: applied.state, ...(begun && { begun }) };
		} catch (error) {
			if (!isAppError(error) || error.code !== "stale_attempt") throw error;
			return null;
		} finally {
			if (next && !begun) close(next.attempt);
		}
	}

	function lastWord(
		identity: AttemptIdentity,
		recorder: AttemptRecorder,
		outcome: Outcome<StageResult> | { thrown: unknown },
		proposed: Proposed | null,
		cause: EndCause | null,
		proof: KillProof,
	): Input {
		const { fence } = identity;
		if ("ok" in outcome && outcome.ok) return { type: "complete", fence, ...outcome.value, text: recorder.redact(outcome.value.text) };
		if (cause === "cancel") return { type: "stopped", fence, processes: proof.stopped, tookMs: proof.durationMs };
		if (cause === "shutdown") return { type: "lose", fence, processes: proof.stopped, reference: identity.id };
		if (cause === "deadline") return { type: "fail", fence, failure: failureOf({ code: "stage_timeout" }, identity.id, recorder) };
		if ("ok" in outcome) return { type: "fail", fence, failure: failureOf(outcome.failure, identity.id, recorder), ...proposed };
		// A database that went away is our trouble, not the project's: the stage is tried again.
		if (isConnectionBroken(outcome.thrown)) return { type: "lose", fence, processes: proof.stopped, reference: identity.id };
		return { type: "fail", fence, failure: thrownFailure(outcome.thrown, identity, recorder) };
	}

	function thrownFailure(thrown: unknown, identity: AttemptIdentity, recorder: AttemptRecorder): Failure {
		const reference = options.reportError(thrown, { attempt: identity.id, deployment: identity.deploymentId, stage: identity.stage });
		return failureOf(toPublicError(thrown, reference), reference, recorder);
	}

	/** Says every second what is awaited, and every few seconds that the attempt is alive; notices what happens elsewhere: a cancel, and another attempt in its place. */
	function tick(identity: AttemptIdentity, recorder: AttemptRecorder, end: (cause: EndCause) => unknown): () => void {
		const say = (): void => {
			const { awaiting, since, lastOutputAt } = recorder.observe();
			options.activity.set({
				deployment_id: identity.deploymentId,
				stage: identity.stage,
				agent_name: identity.agent,
				awaiting,
				since,
				last_output_at: lastOutputAt,
				ahead: null,
				at: new Date().toISOString(),
			});
		};
		const beat = async (): Promise<void> => {
			await db.updateTable("attempts").set({ heartbeat_at: new Date() }).where("id", "=", identity.id).execute();
			const state = await loadState(db, identity.deploymentId);
			if (!state) return;
			if (runningStage(state)?.fence !== identity.fence) end("refused");
			else if (state.cancelRequestedBy) end("cancel");
		};
		say();
		const activityTimer = setInterval(say, activityMs);
		const beatTimer = setInterval(() => void beat().catch(() => {}), heartbeatMs);
		return () => {
			clearInterval(activityTimer);
			clearInterval(beatTimer);
		};
	}

	return {
		start: () => queue.work(options.concurrency, handle),
		cancel(deploymentId) {
			for (const attempt of attempts.values()) if (attempt.deploymentId === deploymentId) attempt.end("cancel");
		},
		running: () => [...attempts.keys()],
		async stop() {
			stopping = true;
			await queue.pause();
			const running = [...attempts.values()];
			for (const { end } of running) end("shutdown");
			await Promise.all(running.map(({ done }) => done));
		},
	};
}

/** The stage's outcome; after an abort the stage has a few seconds to come back by itself. */
async function performWithin(
	agent: Agent,
	stage: Stage,
	work: Work,
	signal: AbortSignal,
): Promise<Outcome<StageResult> | { thrown: unknown }> {
	if (signal.aborted) return { thrown: signal.reason };
	const performed = agent.perform(stage, work).catch((thrown: unknown) => ({ thrown }));
	const { promise: aborted, resolve } = Promise.withResolvers<void>();
	signal.addEventListener("abort", () => resolve(), { once: true });
	const overdue = aborted
		.then(() => delay(abortGraceMs, undefined, { ref: false }))
		.then(() => ({ thrown: new AppError("cancelled", { detail: "the stage did not return after its abort" }) }));
	return Promise.race([performed, overdue]);
}

async function endAttempt(trx: Kysely<Schema>, id: string): Promise<void> {
	await trx.updateTable("attempts").set({ ended_at: new Date() }).where("id", "=", id).execute();
}
