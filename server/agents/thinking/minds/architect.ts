import { z } from "zod";
import type { Mind } from "../mind.ts";

const output = z.object({ message: z.string().min(1).max(6000) });

/** Explains the plan that the rules have made. */
export const architectMind: Mind = {
	instructions:
		"You are the Architect. The plan is made and fixed. Explain it to the person: how the project will be built and run, which signs in its files led to this, and which of its warnings matter.",
	request: () => "Explain the plan.",
	materials: async (_work, found) => {
		if ("failure" in found || !found.planned) return [];
		const { plan, alternatives = [], tasks } = found.planned;
		const { dockerfile: _, dockerignore: __, ...shown } = plan;
		return [
			{ label: "Tasks", text: tasks.map(({ name }) => name).join("\n") },
			{ label: "The plan", text: JSON.stringify(shown, null, 1) },
			{ label: "Plans that are possible too", text: alternatives.map(({ summary }) => summary).join("\n") },
		];
	},
	output,
};
