/** The closed lists of the product's words. Nothing else spells them as literals of its own. No schemas here: pages need the words and not the library that checks them. */

export const stages = ["clone", "analyze", "plan", "write", "build", "test", "deploy", "verify"] as const;
export type Stage = (typeof stages)[number];

export const agents = ["Analyst", "Architect", "Developer", "Tester", "Deployer"] as const;
export type AgentName = (typeof agents)[number];

export const deploymentStatuses = ["queued", "running", "waiting", "paused", "succeeded", "failed", "cancelled"] as const;
export type DeploymentStatus = (typeof deploymentStatuses)[number];

export const stageStatuses = ["pending", "running", "waiting", "succeeded", "failed", "skipped", "cancelled"] as const;
export type StageStatus = (typeof stageStatuses)[number];

export const agentStatuses = ["idle", "thinking", "working", "waiting", "done", "failed", "skipped"] as const;
export type AgentStatus = (typeof agentStatuses)[number];

export const releaseStatuses = ["starting", "live", "crashed", "stopped", "lost"] as const;
export type ReleaseStatus = (typeof releaseStatuses)[number];

/** What events can be; `metadataSchemas` in `event.ts` says what each carries. */
export const eventTypes = [
	"deployment_started",
	"status",
	"deployment_progress",
	"deployment_completed",
	"agent_status",
	"agent_response",
	"tool_called",
	"stage_started",
	"stage_progress",
	"stage_completed",
	"stage_failed",
	"plan_generated",
	"task_started",
	"task_completed",
	"build_started",
	"build_phase_started",
	"deploy_started",
	"build_completed",
	"preview_ready",
	"artifact_created",
	"log",
	"fix_proposed",
	"fix_applied",
	"error",
	"system",
	"approval_requested",
	"approval_resolved",
	"release_changed",
	"queue_changed",
] as const;
export type EventType = (typeof eventTypes)[number];

/** What a person must allow before it is done: anything is written by the `plan`, a release is made by the `deploy` stage, or both. */
export const approvalPolicies = ["none", "plan", "deploy", "all"] as const;
export type ApprovalPolicy = (typeof approvalPolicies)[number];

/** What a person is asked about: the plan, the release, or a repair of the project's files. */
export const approvalKinds = ["plan", "deploy", "fix"] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

/** `withdrawn`: the deployment ended before an answer. `superseded`: what was allowed has been made anew since. */
export const approvalStatuses = ["pending", "approved", "rejected", "withdrawn", "superseded"] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

export const approvalDecisions = ["approve", "reject"] as const;
export type ApprovalDecision = (typeof approvalDecisions)[number];

/** What happens with a repair that a rule knows. `off`: the deployment fails. `ask`: it waits for a person's answer. `automatic`: it is applied at once. */
export const fixPolicies = ["off", "ask", "automatic"] as const;
export type FixPolicy = (typeof fixPolicies)[number];

export const fixStatuses = ["proposed", "applied", "declined"] as const;
export type FixStatus = (typeof fixStatuses)[number];

/** The modules that speak in events. */
export const eventSources = [
	"deployments",
	"pipeline",
	"source",
	"analysis",
	"plan",
	"build",
	"target",
	"health",
	"releases",
	"projects",
] as const;
export type EventSource = (typeof eventSources)[number];

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

/** What a policy asks for. */
export function asksFor(policy: ApprovalPolicy, kind: ApprovalKind): boolean {
	return policy === "all" || policy === kind;
}

/** All that any of these policies asks for: nobody takes away what another asked for. */
export function strictest(...policies: readonly ApprovalPolicy[]): ApprovalPolicy {
	const [plan, deploy] = (["plan", "deploy"] as const).map((kind) => policies.some((policy) => asksFor(policy, kind)));
	return plan ? (deploy ? "all" : "plan") : deploy ? "deploy" : "none";
}
