import { z } from "zod";
import { stageSchema } from "./enums.ts";
import { fixPolicies } from "./words.ts";

/** What happens with a repair that a rule knows. */
export const fixPolicySchema = z.enum(fixPolicies);

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** One file that a repair changes. The diff says how; the hashes say of which text, and into which. */
export const fixFileSchema = z.object({
	/** From the repository's root. */
	path: z.string().max(500),
	/** null where there is no such file before. */
	before: sha256Schema.nullable(),
	after: sha256Schema,
});
export type FixFile = z.infer<typeof fixFileSchema>;

/**
 * A repair of what made a deployment fail. It is laid over a copy of the source; the repository itself is never changed. `diff` is the
 * whole of it: from it and the recorded commit the repaired source is made again anywhere.
 */
export const fixSchema = z.object({
	id: z.string().length(26),
	/** 1 for the first one of its deployment. */
	number: z.number().int().min(1),
	/** The stage that failed, and the known cause of its failure. */
	stage: stageSchema,
	cause: z.string(),
	/** Stands for the failure: the same one again is not repaired a second time. */
	fingerprint: z.string().max(600),
	/** What it does, as a sentence without its end: "Install with npm install in place of npm ci". */
	title: z.string(),
	/** Why: what the failure said. */
	reason: z.string(),
	/** Unified diff of the files, and of settings where it raises a limit. */
	diff: z.string(),
	files: z.array(fixFileSchema).max(10),
	/** Memory the build has from here on, in MB; null where that stays as it is. */
	build_memory_mb: z.number().int().nullable(),
	/** Number of the earlier deployment of the same project whose repair this is; null for one that was found here. */
	kept_from: z.number().int().nullable(),
});
export type Fix = z.infer<typeof fixSchema>;

/** A repair as a rule proposes it: the deployment adds which one it is, and of what. */
export type FixProposal = Pick<Fix, "id" | "title" | "diff" | "files" | "build_memory_mb">;
