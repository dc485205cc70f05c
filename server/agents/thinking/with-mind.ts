import type { DeploymentState } from "../../../lib/deployment/state.ts";
import {
	type AgentName,
	agentOfStage,
	type Degraded,
	type EventDraft,
	failed,
	type Metadata,
	type Outcome,
	type Stage,
	stages,
	succeeded,
} from "../../../lib/protocol/index.ts";
import type { Agent, GrowingMessage, StageResult, Work } from "../agent.ts";
import { ask, degrade, messageOf, type ThinkingOptions } from "./ask.ts";
import { fallbacks } from "./fallbacks.ts";
import { MessageReader } from "./message-reader.ts";
import type { Answer, Found, Mind } from "./mind.ts";
import type { Material } from "./prompt.ts";
import { ToolBox } from "./tool-box.ts";

const defaultAnswerMs = 30_000;
/** Words never take a stage over its deadline: this much is left for its end. */
const marginMs = 5000;
/** Turns of a model that looks at files before it answers. */
const maxTurns = 8;

/**
 * An agent that does its work by rules, as it always did, and puts what it found into words with a model, where one is set up. The
 * model decides nothing: when it fails, is slow, or there is none, the result is the same and the words are the rules' own.
 */
export function withMind<T extends Answer>(agent: Agent, mind: Mind<T>, options: ThinkingOptions): Agent {
	return {
		...agent,
		async perform(stage, work) {
			const beganAt = performance.now();
			const { overheard, heard } = overhear(work);
			const performed = await agent.perform(stage, overheard);
			// What rules did in a model's place stays theirs, whoever finds the words.
			const marks = heard.degraded && { degraded: heard.degraded };
			const outcome: Outcome<StageResult> = performed.ok && marks ? succeeded({ ...performed.value, answered: marks }) : performed;
			if (work.signal.aborted || !isWorthWords(agent.name, stage, outcome)) return outcome;
			const report = (error: unknown) => options.reportError(error, { agent: agent.name, deployment: work.state.id });
			const isReady = await options.models.isReady(agent.name).catch((error: unknown) => void report(error));
			if (!isReady) return outcome;
			const found = outcome.ok ? { result: outcome.value, planned: heard.plan } : { failure: outcome.failure };
			const leftMs = work.deadlineMs - (performance.now() - beganAt) - marginMs;
			const limitMs = Math.min(options.answerMs ?? defaultAnswerMs, leftMs);
			const said = await think(agent.name, mind, work, found, { ...options, answerMs: limitMs }).catch((error: unknown) => {
				if (!work.signal.aborted) report(error);
				return failed({ code: "internal" });
			});
			// What was done is done: whoever ends the attempt while it is put into words does not undo it.
			if (work.signal.aborted) return outcome;
			if (!said.ok) {
				// A failure stays the same, with or without words about it.
				if (!outcome.ok) return outcome;
				return succeeded({ ...outcome.value, answered: { degraded: degrade(work, agent.name, said.failure, fallbacks[agent.name]) } });
			}
			const { model, cached } = said.value;
			const { text, answered } = said.value.message.end();
			const answer = { ...marks, ...answered, model, cached };
			if (outcome.ok) return succeeded({ ...outcome.value, response: text, answered: answer });
			// A failure is explained before it is told.
			work.say({ type: "agent_response", content: text.slice(0, 300), metadata: { text, facts: {}, ...answer } });
			return outcome;
		},
	};
}

interface Heard {
	plan: Metadata<"plan_generated"> | null;
	degraded: Degraded | null;
}

/** The same work, with an ear for the plan and for what rules had to do: what an attempt says is not in the state that it began with. */
function overhear(work: Work): { overheard: Work; heard: Heard } {
	const heard: Heard = { plan: null, degraded: null };
	const hear = (draft: EventDraft): void => {
		if (draft.type === "plan_generated") heard.plan = draft.metadata;
		if (draft.type === "agent_status") heard.degraded = draft.metadata.degraded ?? heard.degraded;
	};
	const record: Work["record"] = (draft) => {
		hear(draft);
		return work.record(draft);
	};
	const say: Work["say"] = (draft) => {
		hear(draft);
		work.say(draft);
	};
	return { overheard: { ...work, record, say }, heard };
}

/** The answer of an agent's last stage, and a failure that no rule explains. */
function isWorthWords(agent: AgentName, stage: Stage, outcome: Outcome<StageResult>): boolean {
	if (outcome.ok) return stages.findLast((one) => agentOfStage[one] === agent) === stage;
	return outcome.failure.cause === undefined && (outcome.failure.lines?.length ?? 0) > 0;
}

interface Said {
	message: GrowingMessage;
	model: string;
	cached: boolean;
}

/** Asks the model and shows its message as it grows. */
async function think<T extends Answer>(
	agent: AgentName,
	mind: Mind<T>,
	work: Work,
	found: Found,
	options: Required<ThinkingOptions>,
): Promise<Outcome<Said>> {
	let message = work.speak();
	const reader = new MessageReader((text) => message.add(text));
	const box = new ToolBox(work);
	await mind.equip?.(box, work);
	const answer = await ask(
		work,
		{
			agent,
			purpose: "summary",
			task: "failure" in found ? `${messageOf(found.failure)} Working out why.` : "Putting it into words.",
			instructions: mind.instructions,
			request: mind.request(found),
			materials: [measured(work.state, found), ...(await mind.materials(work, found))],
			output: mind.output,
			box,
			maxTurns,
			limitMs: Math.max(1, options.answerMs),
			onText: (delta) => reader.push(delta),
		},
		options,
	);
	if (!answer.ok) return answer;
	const { output, model, cached } = answer.value;
	if (reader.text !== output.message) {
		// It began anew, or wrote its answer in another form than it was read in: what was shown so far is not what it said.
		message = work.speak();
		message.add(output.message);
	}
	const rest = mind.rest?.(output) ?? "";
	if (rest !== "") message.add(`\n\n${rest}`);
	return succeeded({ message, model, cached });
}

/** What Quayside measured so far. */
function measured(state: DeploymentState, found: Found): Material {
	const lines = state.stages
		.filter(({ text, status }) => text !== "" && status !== "running")
		.map(({ stage, text }) => `${stage}: ${text}`);
	const own = "result" in found ? [found.result.text, JSON.stringify(found.result.facts)] : [];
	return { label: `Facts measured by Quayside about ${state.project.name}`, text: [...lines, ...own].join("\n") };
}
