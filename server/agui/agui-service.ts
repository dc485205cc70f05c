import { setTimeout as delay } from "node:timers/promises";
import type { ResumeEntry, RunAgentInput } from "@ag-ui/core";
import type { Kysely } from "kysely";
import { answerOf, interruptsOf, pauseInterrupt } from "../../lib/agui/interrupts.ts";
import { requestOf } from "../../lib/agui/request.ts";
import { newRun } from "../../lib/agui/run.ts";
import type { DeploymentView } from "../../lib/deployment/state.ts";
import { AppError, type ErrorCode, isAppError } from "../../lib/errors.ts";
import { ulidSchema } from "../../lib/protocol/index.ts";
import type { AguiService, Principal, Services } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import { followRun, type RunEnd } from "./follow-run.ts";
import { createThreads } from "./threads.ts";

export interface AguiOptions {
	/** What everybody calls, once it is there. */
	services: () => Pick<Services, "deployments">;
	db: Kysely<Schema>;
	/** Counts one more request that this person keeps open, until the signal or what it answers ends it. Throws `rate_limited`. */
	hold: (userId: string, signal: AbortSignal) => () => void;
	/** Hears how a run ended, also one whose client went away. */
	onEnd(how: RunEnd): void;
	reportError: (error: unknown, context: Record<string, string>) => string;
}

export interface Agui extends AguiService {
	/** Ends every open run with a word about it, and takes no new ones. */
	stop(): Promise<void>;
}

/** Runs that do not listen are not waited for any longer. */
const stopMs = 1000;

/** Deployments as AG-UI threads: a first run starts one, every other one attaches to it, `resume` answers what it waits for. */
export function createAgui({ services, db, hold, onEnd, reportError }: AguiOptions): Agui {
	const threads = createThreads(db);
	const stopping = new AbortController();
	const open = new Set<Promise<void>>();

	/** The deployment of a thread, made by this run where there is none yet. */
	async function deploymentOf(principal: Principal, input: RunAgentInput, correlationId: string): Promise<DeploymentView> {
		const { threadId } = input;
		const { deployments } = services();
		const known = await threads.find(principal.user.id, threadId);
		if (known) return deployments.get(principal, known);
		const named = ulidSchema.safeParse(threadId).success ? await unless("not_found", deployments.get(principal, threadId)) : null;
		if (named) return named;
		const request = requestOf(input);
		if (!request) throw nothingToRun();
		// Two first runs of one thread at the same time are one deployment.
		const { deployment } = await deployments.create(principal, request, { idempotencyKey: `agui:${threadId}`, correlationId });
		await threads.remember(principal.user.id, threadId, deployment.id);
		return deployment;
	}

	/** An answer to what is not asked any more changes nothing: the run shows what became of it. */
	async function answer(principal: Principal, deployment: DeploymentView, entry: ResumeEntry): Promise<void> {
		const { interruptId, status } = entry;
		const { deployments } = services();
		if (!interruptsOf(deployment).some(({ id }) => id === interruptId)) return;
		if (interruptId === pauseInterrupt) {
			await deployments[status === "resolved" ? "resume" : "cancel"](principal, deployment.id);
		} else {
			await unless("already_answered", deployments.answer(principal, deployment.id, interruptId, answerOf(entry)));
		}
	}

	/** The deployment a run follows, with what the run answers of it answered. */
	async function prepared(principal: Principal, input: RunAgentInput, correlationId: string): Promise<DeploymentView> {
		const deployment = await deploymentOf(principal, input, correlationId);
		for (const entry of input.resume ?? []) await answer(principal, deployment, entry);
		return deployment;
	}

	return {
		async run(principal, input, { signal, reauthenticate, correlationId }) {
			if (stopping.signal.aborted) throw new AppError("shutting_down");
			const release = hold(principal.user.id, signal);
			const deployment = await prepared(principal, input, correlationId).catch((error: unknown) => {
				release();
				throw error;
			});
			const { promise, resolve } = Promise.withResolvers<void>();
			return followRun({
				run: newRun(input.threadId, input.runId, deployment.id),
				held: input.messages,
				// What a client that answers has seen up to here is in the snapshots its run begins with.
				from: input.resume ? deployment.lastSeq : 0,
				read: (as, query, until) => services().deployments.events(as, deployment.id, query, until),
				principal,
				reauthenticate,
				gone: signal,
				stopping: stopping.signal,
				report: (error) => reportError(error, { path: "/api/agui", deployment: deployment.id }),
				onBegin: () => void open.add(promise),
				onEnd(how) {
					release();
					open.delete(promise);
					resolve();
					onEnd(how);
				},
			});
		},
		async stop() {
			stopping.abort();
			await Promise.race([Promise.all(open), delay(stopMs, undefined, { ref: false })]);
		},
	};
}

function nothingToRun(): AppError {
	return new AppError("not_found", {
		message: "There is no deployment of this thread that you can see, and the run does not say what to deploy.",
		action: "Say in a message what to deploy, or give the id of a deployment as the thread.",
	});
}

/** Null where the call is refused with this code. */
async function unless<T>(code: ErrorCode, answer: Promise<T>): Promise<T | null> {
	return answer.catch((error: unknown) => {
		if (isAppError(error) && error.code === code) return null;
		throw error;
	});
}
