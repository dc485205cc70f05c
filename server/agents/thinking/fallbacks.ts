import type { AgentName } from "../../../lib/protocol/index.ts";

/** What an agent says where its model does not do its part, together with the reason and a way to try again. */
export const fallbacks: Readonly<Record<AgentName, string>> = {
	Analyst: "I'm analyzing your requirements. Please give me a moment to gather more information.",
	Architect: "I'm designing the system architecture. This may take a moment to ensure quality.",
	Developer: "I'm implementing the solution. Please be patient while I write the code.",
	Tester: "I'm checking the build. This may take a moment.",
	Deployer: "I'm bringing it live and checking that it answers. This may take a moment.",
};
