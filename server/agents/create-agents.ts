import type { AgentName } from "../../lib/protocol/index.ts";
import type { Agent } from "./agent.ts";
import { createAnalyst } from "./analyst.ts";
import { createArchitect } from "./architect.ts";
import { createDeployer, type DeployerOptions } from "./deployer.ts";
import { developer } from "./developer.ts";
import { createTester } from "./tester.ts";
import type { ThinkingOptions } from "./thinking/ask.ts";
import { withMinds } from "./thinking/with-minds.ts";

/** The five, who work by rules and have words of their own where a model is set up. */
export function createAgents(options: DeployerOptions, thinking: ThinkingOptions): Readonly<Record<AgentName, Agent>> {
	return withMinds(
		{
			Analyst: createAnalyst(options),
			Architect: createArchitect(options),
			Developer: developer,
			Tester: createTester(options),
			Deployer: createDeployer(options),
		},
		thinking,
	);
}
