import { z } from "zod";
import type { Mind } from "../mind.ts";

const output = z.object({ message: z.string().min(1).max(6000) });

/** Explains the files that were written. */
export const developerMind: Mind = {
	instructions:
		"You are the Developer. The files are written and checked. Say which files were written and explain the two or three decisions in them that a person would ask about.",
	request: () => "Explain what was written.",
	materials: async ({ state: { plan, tasks } }) => [
		{ label: "Tasks", text: tasks.map(({ name, files = [] }) => [name, ...files].join(" ")).join("\n") },
		{ label: "Dockerfile", text: plan?.dockerfile ?? "" },
	],
	output,
};
