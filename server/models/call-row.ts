import type { AgentName, ModelPurpose } from "../../lib/protocol/index.ts";

/** Who asks, for the ledger and the queue. Without a deployment it is a test from the settings. */
export interface Asker {
	deploymentId: string | null;
	ownerId: string | null;
	projectId: string | null;
	agent: AgentName | null;
	purpose: ModelPurpose | "test";
}

export interface Tokens {
	input: number;
	output: number;
}

export interface Budget {
	tokens: number | null;
	usd: number | null;
}
