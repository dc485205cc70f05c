import type { AgentName } from "../../lib/protocol/index.ts";
import type { Agent } from "./agent.ts";
import { createAnalyst } from "./analyst.ts";
import { createArchitect } from "./architect.ts";
import { createBriefAnalyst, createBriefArchitect, createBriefDeveloper, withBriefs } from "./brief/agents.ts";
import type { Author } from "./brief/author.ts";
import { createDeployer, type DeployerOptions } from "./deployer.ts";
import { createDeveloper, type DeveloperOptions } from "./developer.ts";
import { createTester } from "./tester.ts";
import type { ThinkingOptions } from "./thinking/ask.ts";
import { withMinds } from "./thinking/with-minds.ts";

export interface AgentsOptions extends DeployerOptions, DeveloperOptions {
	/** Who makes products of briefs. */
	author: Author;
}

/** The five, who work by rules and have words of their own where a model is set up. */
export function createAgents({ author, ...options }: AgentsOptions, thinking: ThinkingOptions): Readonly<Record<AgentName, Agent>> {
	return withMinds(
		{
			Analyst: withBriefs(createAnalyst(options), createBriefAnalyst(author)),
			Architect: withBriefs(createArchitect(options), createBriefArchitect(author)),
			Developer: withBriefs(createDeveloper(options), createBriefDeveloper(author)),
			Tester: createTester(options),
			Deployer: createDeployer(options),
		},
		thinking,
	);
}
