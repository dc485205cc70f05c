import { z } from "zod";

/** One reason for a plan: where in the repository something was seen and what it means. */
export const evidenceSchema = z.object({
	file: z.string(),
	line: z.number().int().min(1).nullable(),
	means: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const taskSchema = z.object({ id: z.string(), name: z.string() });
export type Task = z.infer<typeof taskSchema>;

/** A command is an argument array. It never passes through a shell of ours. */
export const commandSchema = z.array(z.string().max(4096)).min(1).max(64);

/** How a project is built and run. Pure data: `server/build` and `server/targets` carry it out. */
export const planSchema = z.object({
	/** Which provider made it: `static`, `node`, `dockerfile`. */
	provider: z.string(),
	/** What people call it: "Vite + React", "Express", "Static site". */
	framework: z.string(),
	/** One line for people: "Detected Vite + React, npm, output dist". */
	summary: z.string(),
	/** `static`: files are served by Quayside. `process`: a command is run that listens on `PORT`. `image`: needs a container target. */
	kind: z.enum(["static", "process", "image"]),
	/** Folder of the app inside the repository, "" for its root, no leading or trailing slash. */
	directory: z.string(),
	/** Node version to build and run with ("24", "22.12.0"), null where no Node is needed. */
	nodeVersion: z.string().nullable(),
	packageManager: z.enum(["npm", "pnpm", "yarn", "bun"]).nullable(),
	install: commandSchema.nullable(),
	build: commandSchema.nullable(),
	test: commandSchema.nullable(),
	start: commandSchema.nullable(),
	/** Output folder relative to `directory` for static plans; "." means the folder itself. */
	output: z.string().nullable(),
	/** Static sites only: unknown paths answer index.html. */
	spaFallback: z.boolean(),
	/** Path that must answer before the app counts as live. */
	healthPath: z.string(),
	confidence: z.number().min(0).max(1),
	evidence: z.array(evidenceSchema).max(50),
	/** Warnings for people, such as a lockfile that is missing. */
	warnings: z.array(z.string()).max(20),
	/** Text of the Dockerfile that corresponds to this plan; null where the repository brings its own. */
	dockerfile: z.string().nullable(),
});
export type Plan = z.infer<typeof planSchema>;
