import { pendingApproval } from "#lib/deployment/approvals.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { agentLooks, deploymentLooks, stageWords } from "./words.ts";

/** What is worth saying aloud between two states of a deployment. Failures are left to the alert that shows them. */
export function announcements(before: DeploymentState, after: DeploymentState): string[] {
	const said: string[] = [];
	for (const [index, agent] of after.agents.entries()) {
		const changed = before.agents[index]?.status !== agent.status;
		if (changed && (agent.status === "done" || agent.status === "failed"))
			said.push(`${agent.name}: ${agentLooks[agent.status].label.toLowerCase()}.`);
	}
	if (after.status === "running" && after.stage !== null && after.stage !== before.stage) said.push(`${stageWords[after.stage].doing}.`);
	if (after.status !== before.status && after.status !== "running" && after.status !== "failed") {
		said.push(
			after.status === "succeeded" ? `${after.project.name} is live.` : (waits(after) ?? `${deploymentLooks[after.status].label}.`),
		);
	}
	return said;
}

const waits = (state: DeploymentState): string | null => (state.status === "waiting" ? (pendingApproval(state)?.text ?? null) : null);
