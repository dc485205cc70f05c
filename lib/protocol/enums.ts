import { z } from "zod";
import { agentStatuses, agents, deploymentStatuses, releaseStatuses, stageStatuses, stages } from "./words.ts";

/** Schemas of the words. */

export const stageSchema = z.enum(stages);
export const agentSchema = z.enum(agents);
export const deploymentStatusSchema = z.enum(deploymentStatuses);
export const stageStatusSchema = z.enum(stageStatuses);
export const agentStatusSchema = z.enum(agentStatuses);
export const releaseStatusSchema = z.enum(releaseStatuses);

export * from "./words.ts";
