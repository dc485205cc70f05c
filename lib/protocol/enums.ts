import { z } from "zod";

/** The closed lists of the product's words. Nothing else spells them as literals of its own. */

export const stages = ["clone", "analyze", "plan", "write", "build", "test", "deploy", "verify"] as const;
export const stageSchema = z.enum(stages);
export type Stage = z.infer<typeof stageSchema>;

export const agents = ["Analyst", "Architect", "Developer", "Tester", "Deployer"] as const;
export const agentSchema = z.enum(agents);
export type AgentName = z.infer<typeof agentSchema>;

/** Which agent does which stage. */
export const agentOfStage: Readonly<Record<Stage, AgentName>> = {
	clone: "Analyst",
	analyze: "Analyst",
	plan: "Architect",
	write: "Developer",
	build: "Tester",
	test: "Tester",
	deploy: "Deployer",
	verify: "Deployer",
};

export const deploymentStatuses = ["queued", "running", "waiting", "paused", "succeeded", "failed", "cancelled"] as const;
export const deploymentStatusSchema = z.enum(deploymentStatuses);
export type DeploymentStatus = z.infer<typeof deploymentStatusSchema>;

export const stageStatuses = ["pending", "running", "waiting", "succeeded", "failed", "skipped", "cancelled"] as const;
export const stageStatusSchema = z.enum(stageStatuses);
export type StageStatus = z.infer<typeof stageStatusSchema>;

export const agentStatuses = ["idle", "thinking", "working", "waiting", "done", "failed", "skipped"] as const;
export const agentStatusSchema = z.enum(agentStatuses);
export type AgentStatus = z.infer<typeof agentStatusSchema>;

export const releaseStatuses = ["starting", "live", "crashed", "stopped", "lost"] as const;
export const releaseStatusSchema = z.enum(releaseStatuses);
export type ReleaseStatus = z.infer<typeof releaseStatusSchema>;

/** Default deadline of a stage in milliseconds. */
export const stageDeadlineMs: Readonly<Record<Stage, number>> = {
	clone: 5 * 60_000,
	analyze: 2 * 60_000,
	plan: 2 * 60_000,
	write: 5 * 60_000,
	build: 15 * 60_000,
	test: 10 * 60_000,
	deploy: 5 * 60_000,
	verify: 2 * 60_000,
};

export const terminalStatuses: ReadonlySet<DeploymentStatus> = new Set(["succeeded", "failed", "cancelled"]);

/** True once nothing more can happen in a deployment of this status. */
export function isTerminal(status: DeploymentStatus): boolean {
	return terminalStatuses.has(status);
}
