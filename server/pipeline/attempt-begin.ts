import type { Input } from "../../lib/deployment/decide.ts";
import { runningStage } from "../../lib/deployment/endings.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { isAppError } from "../../lib/errors.ts";
import { type AgentName, agentOfStage, type ProjectSettings, type Stage, stageDeadlineMs } from "../../lib/protocol/index.ts";
import type { Agent } from "../agents/agent.ts";
import type { ProjectEnvironment } from "../projects/project-secrets.ts";
import type { Following, Ledger } from "./ledger.ts";
import type { StageJob } from "./queue.ts";

/** What is read of the project before an attempt begins, and holds for all of it. */
export interface AttemptSetting {
	settings: ProjectSettings;
	environment: ProjectEnvironment;
}

export interface BeginOptions {
	nodeId: string;
	agents: Readonly<Record<AgentName, Agent>>;
	isolated: boolean;
}

/** How long an attempt at this stage may take. */
export function deadlineOf(stage: Stage, { deadlinesMs }: ProjectSettings): number {
	return deadlinesMs?.[stage] ?? stageDeadlineMs[stage];
}

/** The first word of an attempt: its events and its row. */
export function beginning(attemptId: string, { settings }: AttemptSetting, { nodeId, agents, isolated }: BeginOptions): Following {
	return {
		once: { attempt: attemptId, key: "begin" },
		input: ({ stage, fence }, state): Input => {
			const text = agents[agentOfStage[stage]].opening(stage, state);
			return { type: "begin", stage, fence, node: nodeId, text, deadlineMs: deadlineOf(stage, settings), isolated };
		},
		within: async ({ trx }, { id, stages }) => {
			const running = stages.find(({ status }) => status === "running");
			if (!running) throw new Error("an attempt has begun and no stage runs");
			const { stage, attempts: number, fence } = running;
			const now = new Date();
			const row = {
				id: attemptId,
				deployment_id: id,
				stage,
				number,
				fence: fence ?? 0,
				node_id: nodeId,
				started_at: now,
				heartbeat_at: now,
			};
			await trx.insertInto("attempts").values(row).execute();
		},
	};
}

/** Begins an attempt by itself; null when the deployment has moved on and this job has nothing to do any more. */
export async function beginOrNull(
	ledger: Pick<Ledger, "apply">,
	job: StageJob,
	state: DeploymentState,
	{ once, input, within }: Following,
): Promise<DeploymentState | null> {
	try {
		const begun = (await ledger.apply(job.deploymentId, input(job, state), { once, within })).state;
		// A write that was repeated may answer later than another node has taken this attempt for lost.
		return runningStage(begun)?.fence === job.fence ? begun : null;
	} catch (error) {
		if (isAppError(error) && error.status < 500) return null;
		throw error;
	}
}
