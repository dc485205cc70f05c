import { z } from "zod";
import {
	agentStatuses,
	agents,
	approvalDecisions,
	approvalKinds,
	approvalPolicies,
	approvalStatuses,
	deploymentStatuses,
	releaseStatuses,
	stageStatuses,
	stages,
} from "./words.ts";

/** Schemas of the words. */

export const stageSchema = z.enum(stages);
export const agentSchema = z.enum(agents);
export const deploymentStatusSchema = z.enum(deploymentStatuses);
export const stageStatusSchema = z.enum(stageStatuses);
export const agentStatusSchema = z.enum(agentStatuses);
export const approvalPolicySchema = z.enum(approvalPolicies);
export const approvalKindSchema = z.enum(approvalKinds);
export const approvalStatusSchema = z.enum(approvalStatuses);
export const approvalDecisionSchema = z.enum(approvalDecisions);
export const releaseStatusSchema = z.enum(releaseStatuses);

export * from "./words.ts";
