import { z } from "zod";

/**
 * One reason for a plan: what was seen, and what it means. `file` is relative to the app's folder; to the repository's root where
 * the app is one of several packages that are installed together.
 */
export const evidenceSchema = z.object({
	file: z.string(),
	line: z.number().int().min(1).nullable(),
	means: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const taskSchema = z.object({
	/** A ULID. */
	id: z.string(),
	name: z.string(),
	/** Files it writes into the product, relative to its root; absent where it writes none into it. */
	files: z.array(z.string()).optional(),
	/** What must be true once it is done, a sentence each. */
	acceptance: z.array(z.string()).optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** A command is an argument array. It never passes through a shell of ours. */
export const commandSchema = z.array(z.string().max(4096)).min(1).max(64);

export const packageManagerSchema = z.enum(["npm", "pnpm", "yarn", "bun"]);
export type PackageManagerName = z.infer<typeof packageManagerSchema>;

export const toolNameSchema = z.enum([
	"node",
	"npm",
	"pnpm",
	"yarn",
	"bun",
	"deno",
	"python",
	"pip",
	"go",
	"php",
	"composer",
	"ruby",
	"bundler",
	"jekyll",
	"rust",
	"java",
	"maven",
	"gradle",
	"hugo",
	"zola",
]);
export type ToolName = z.infer<typeof toolNameSchema>;

/**
 * A program that the commands of a plan need. `version` of what comes from the package registry (Node, Bun, Deno, package
 * managers) is a major ("24") or an exact one; of what comes from the machine it is the lowest that does ("3.10"). null: any.
 */
export const toolSchema = z.object({ name: toolNameSchema, version: z.string().max(40).nullable() });
export type Tool = z.infer<typeof toolSchema>;

/** How a project is built and run. Pure data: `server/build` and `server/targets` carry it out. */
export const planSchema = z.object({
	/** Which provider made it: `static`, `node`, `dockerfile`; `node:apps/web` for one of several packages of a repository. */
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
	packageManager: packageManagerSchema.nullable(),
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
	// Recorded plans of earlier versions have none of the fields below; `planSchema.parse` gives them their meaning then.
	/** Main language of the app, as people call it: "JavaScript", "Python"; "" where there is none. */
	language: z.string().default(""),
	/** What install, build, test and start need. Empty in plans that name their Node in `nodeVersion` alone. */
	tools: z.array(toolSchema).max(8).default([]),
	/**
	 * Folder in which `install` runs, "" for the repository's root, where it is not `directory`: everything else runs in
	 * `directory`, and the whole repository is kept in the result, so that what was installed above the app is found.
	 */
	installDirectory: z.string().nullable().default(null),
	/** Port the app listens on whatever `PORT` says; null where it follows `PORT`. */
	port: z.number().int().min(1).max(65_535).nullable().default(null),
	/** Variables the plan sets for build and app; the project's own win. Never a secret. */
	env: z.record(z.string(), z.string().max(4096)).default({}),
	/** Variables the repository says it needs, by name. */
	expects: z.array(z.string()).max(100).default([]),
	/** Text of the .dockerignore that goes with the Dockerfile. */
	dockerignore: z.string().nullable().default(null),
});
export type Plan = z.infer<typeof planSchema>;
/** A plan as it is written down: what has a default may be left out. */
export type PlanDraft = z.input<typeof planSchema>;

/** A plan that is possible too, as it is offered to people. Choosing it is `overrides.provider`. */
export const planChoiceSchema = z.object({
	provider: z.string(),
	framework: z.string(),
	summary: z.string(),
	kind: z.enum(["static", "process", "image"]),
	confidence: z.number().min(0).max(1),
});
export type PlanChoice = z.infer<typeof planChoiceSchema>;

const plainText = (value: string) => !value.includes("\0");
const commandOverride = z
	.union([z.string().trim().min(1).max(4000).refine(plainText), commandSchema.refine((words) => words.every(plainText) && words[0] !== "")])
	.nullable();
const pathOverride = z
	.string()
	.trim()
	.max(500)
	.refine((path) => !path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0"), "must stay inside the repository");

/**
 * What a person fixes about a plan, in `quayside.json` of the repository or in the project's settings (which win). Absent means
 * as detected; null means that there is no such step. A command is an argument array, or one line that is split like one.
 */
export const planOverridesSchema = z.strictObject({
	provider: z.string().max(200).optional().describe("Which of the detected plans to carry out, as “node”, “static” or “node:apps/web”."),
	framework: z.string().max(60).optional().describe("What people call the framework."),
	node: z.string().trim().min(1).max(40).optional().describe("Version of Node to build and run with: “22”, “22.12.0” or a range."),
	packageManager: packageManagerSchema.optional().describe("Package manager of a Node project."),
	install: commandOverride.optional().describe("Command that installs the dependencies; null for none."),
	build: commandOverride.optional().describe("Command that builds the project; null for none."),
	test: commandOverride.optional().describe("Command that runs the tests; null for none."),
	start: commandOverride.optional().describe("Command that starts the app, which makes it a process; null makes it a static site."),
	output: pathOverride.optional().describe("Folder of the built site, relative to the app's folder. Makes the project a static site."),
	spaFallback: z.boolean().optional().describe("Static sites: paths that are no file answer index.html."),
	port: z.number().int().min(1).max(65_535).optional().describe("Port the app listens on whatever the variable PORT says."),
	healthPath: z
		.string()
		.max(500)
		.regex(/^\/[^\s]*$/, "starts with / and has no spaces")
		.optional()
		.describe("Path that must answer before the app counts as live."),
	env: z
		.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), z.string().max(4096))
		.optional()
		.describe("Variables for the build and the app. No secrets: they belong on the project's Environment page."),
});
export type PlanOverrides = z.infer<typeof planOverridesSchema>;

/** `quayside.json` in the app's folder. Its JSON Schema is published as `/quayside.schema.json`. */
export const quaysideFileSchema = planOverridesSchema.extend({ $schema: z.string().max(500).optional() });
