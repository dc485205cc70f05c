import type { AgentName } from "../../../lib/protocol/index.ts";
import type { Agent } from "../agent.ts";
import type { ThinkingOptions } from "./ask.ts";
import { analystMind } from "./minds/analyst.ts";
import { architectMind } from "./minds/architect.ts";
import { deployerMind } from "./minds/deployer.ts";
import { developerMind } from "./minds/developer.ts";
import { testerMind } from "./minds/tester.ts";
import { withMind } from "./with-mind.ts";

type Agents = Readonly<Record<AgentName, Agent>>;

/** The five, each with words of its own where a model is set up. */
export function withMinds(agents: Agents, options: ThinkingOptions): Agents {
	return {
		Analyst: withMind(agents.Analyst, analystMind, options),
		Architect: withMind(agents.Architect, architectMind, options),
		Developer: withMind(agents.Developer, developerMind, options),
		Tester: withMind(agents.Tester, testerMind, options),
		Deployer: withMind(agents.Deployer, deployerMind, options),
	};
}
