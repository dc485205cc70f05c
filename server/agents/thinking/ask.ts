import type { z } from "zod";
import type { DeploymentState } from "../../../lib/deployment/state.ts";
import { errorCatalogue } from "../../../lib/errors.ts";
import { type AgentName, agents, type Degraded, failed, type Outcome, type WorkFailure } from "../../../lib/protocol/index.ts";
import type { ModelAnswer, ModelCall, Models } from "../../models/models.ts";
import type { Work } from "../agent.ts";
import { houseRules, type Material, promptOf } from "./prompt.ts";
import type { ToolBox } from "./tool-box.ts";

export interface ThinkingOptions {
	models: Models;
	/** Writes an unexpected error to the log. */
	reportError: (error: unknown, context: Record<string, string>) => string;
	/** An agent that has not put its result into words by then answers by rules. */
	answerMs?: number;
}

export interface Question<T> {
	agent: AgentName;
	purpose: ModelCall<T>["purpose"];
	/** What people read meanwhile. */
	task: string;
	/** Who the model is to be and what its answer is about. */
	instructions: string;
	/** The wish at the end of the prompt. */
	request: string;
	/** What it is given to read, besides what the agents before it said. */
	materials: readonly Material[];
	output: z.ZodType<T>;
	/** The tools it may use; empty where it has none. What else it asks for is told as refused. */
	box: ToolBox;
	maxTurns?: number;
	/** After this long it is a failure, `model_timeout`. */
	limitMs?: number;
	onText?(delta: string): void;
}

/** Asks the model of an agent, and tells people that it thinks. Only a cancel is thrown; everything else is an outcome. */
export async function ask<T>(
	work: Work,
	question: Question<T>,
	{ models, reportError }: ThinkingOptions,
): Promise<Outcome<ModelAnswer<T>>> {
	const { agent, purpose, task, instructions, request, materials, output, box, maxTurns, limitMs, onText } = question;
	sayStatus(work, "thinking", task);
	work.reporter.awaiting("the model to answer");
	const timeout = limitMs === undefined ? null : AbortSignal.timeout(limitMs);
	try {
		const answer = await models.run({
			deploymentId: work.state.id,
			ownerId: work.state.ownerId,
			projectId: work.state.project.id,
			agent,
			purpose,
			system: `${houseRules}\n\n${instructions}`,
			prompt: promptOf(request, [...previousResults(work.state), ...materials], work.redact),
			...(Object.keys(box.tools).length > 0 && { tools: box.tools, maxTurns }),
			output,
			signal: timeout ? AbortSignal.any([work.signal, timeout]) : work.signal,
			onText,
			onToolRefused: (tool, input) => box.refuse(tool, JSON.stringify(input) ?? "", `The ${agent} has no such tool, or not for this.`),
			onWaiting: (sentence) => sayWaiting(work, sentence),
		});
		work.signal.throwIfAborted();
		if (answer.ok) sayStatus(work, "working", task);
		return !answer.ok && timeout?.aborted ? failed({ code: "model_timeout" }) : answer;
	} catch (error) {
		work.signal.throwIfAborted();
		reportError(error, { agent, deployment: work.state.id });
		return failed({ code: "internal" });
	}
}

/**
 * "waiting for a model slot, ~12 s" is what is awaited; anything else is news of the agent. It may name a model, so it is no progress of
 * the stage: that is shown to strangers.
 */
function sayWaiting(work: Work, sentence: string): void {
	const awaited = /^waiting for (.+)$/i.exec(sentence)?.[1];
	if (awaited !== undefined) work.reporter.awaiting(awaited);
	else sayStatus(work, "thinking", sentence);
}

/** Says that what comes now is made by rules, and why. */
export function degrade(work: Work, agent: AgentName, failure: WorkFailure, sentence: string): Degraded {
	const degraded: Degraded = { code: failure.code, message: messageOf(failure), sentence };
	const content = `Agent ${agent} encountered an issue. Continuing with workflow…`;
	work.say({ type: "system", content, metadata: { message_type: "warning" } });
	sayStatus(work, "working", sentence, degraded);
	return degraded;
}

export const messageOf = ({ code, message }: WorkFailure): string => message ?? errorCatalogue[code].message;

function sayStatus(work: Work, status: "thinking" | "working", task: string, degraded?: Degraded): void {
	work.say({ type: "agent_status", content: task, metadata: { status, task, progress: null, ...(degraded && { degraded }) } });
}

/** What the agents before this one said. */
function previousResults(state: DeploymentState): Material[] {
	return agents.flatMap((name) => {
		const response = state.agents.find((agent) => agent.name === name)?.response;
		return response ? [{ label: `The ${name} said`, text: response }] : [];
	});
}
