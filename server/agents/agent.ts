import type { Answered } from "../../lib/deployment/decide.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import type {
	AgentName,
	Brief,
	EventDraft,
	Facts,
	FixPolicy,
	FixProposal,
	Outcome,
	PlanOverrides,
	Reporter,
	Stage,
	StageOutput,
	WorkFailure,
} from "../../lib/protocol/index.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { Secret } from "../secrets/secret.ts";
import type { SshAccess } from "../source/known-hosts.ts";

export type { SshAccess };

/** One of the five that do the work. It is told what to do by the pipeline and reports facts, nothing else. */
export interface Agent {
	readonly name: AgentName;
	/** What it says when it begins a stage: specific, present tense, a plain sentence. */
	opening(stage: Stage, state: DeploymentState): string;
	/** Does one stage. A project that does not work is a failed outcome; only our own faults are thrown. */
	perform(stage: Stage, work: Work): Promise<Outcome<StageResult>>;
	/** Proposes a repair of what made a stage fail; null where it knows none. Changes nothing by itself. */
	repair?(stage: Stage, failure: WorkFailure, work: Work): Promise<FixProposal | null>;
}

export interface StageResult {
	/** What was found or done, past tense, with a real number: "Cloned web-shop, 214 files, 3.1 MB, 1.8 s". */
	text: string;
	facts: Facts;
	output: StageOutput;
	/** True when there was nothing to do. */
	skipped?: boolean;
	/** True when the result of an earlier deployment is used again. */
	reused?: boolean;
	/** The agent's answer to people, on its last stage. */
	response?: string;
	/** How that answer came about, where a model had a part in it. */
	answered?: Answered;
}

/** A message to people that grows. Until it is part of the stage's result, or recorded as final, nobody takes it for whole. */
export interface GrowingMessage {
	/** Shown within 50 ms. */
	add(text: string): void;
	/** All of it, without secrets, and what its final event is marked with. */
	end(): { text: string; answered: Pick<Answered, "message" | "part" | "final"> };
}

/** Which of the earlier deployments are looked for. */
export interface EarlierOnly {
	id?: string;
	/** Made from exactly these words. */
	brief?: Pick<Brief, "text" | "messages">;
}

/** One attempt as an agent sees it: inputs, folders of its own, and ways to speak. */
export interface Work {
	/** The deployment when the attempt began. */
	readonly state: DeploymentState;
	/** Id of the attempt; marks its processes and names its results. */
	readonly attemptId: string;
	readonly signal: AbortSignal;
	readonly reporter: Reporter;
	/** Confines commands; what it ended is part of the proof of a cancel. */
	readonly sandbox: Sandbox;
	readonly deadlineMs: number;
	readonly memoryMb: number;
	/** What the project's settings fix about its plan. */
	readonly planOverrides: PlanOverrides;
	/** What the project's settings say about repairs. */
	readonly fixPolicy: FixPolicy;
	/** Adds a state event to the deployment's stream and waits until it is committed. */
	record(draft: EventDraft): Promise<void>;
	/** The same without waiting: it is committed in its order, with the attempt's last word at the latest. What cannot be committed ends the attempt. */
	say(draft: EventDraft): void;
	/** Begins a message of the agent to people; one at a time. */
	speak(): GrowingMessage;
	/** Takes the project's secrets, and keys known by their form, out of a text. */
	redact(text: string): string;
	/** The same for a text that arrives in pieces. */
	openRedactor(): Redactor;
	/** Keeps a file for people, together with the event that says so. */
	keepArtifact(name: string, mediaType: string, text: string): Promise<void>;
	/** Host folder of a stored source or build result; it may not exist yet, its parent does. */
	sourceDir(id: string): string;
	buildDir(id: string): string;
	/** Cache of the project's package manager; only this project's builds see it. */
	readonly cacheDir: string;
	/** Deployments of the same project before this one, newest first, as many as keep their results; those that are as asked. */
	earlier(only?: EarlierOnly): Promise<readonly DeploymentState[]>;
	/** The project's own variables for its build, or for its running app. */
	environment(scope: "build" | "runtime"): Promise<Record<string, string>>;
	/** Files that the Developer wrote in a deployment of this project, by path, as they were kept; null when it wrote none. */
	productOf(deploymentId: string): Promise<ReadonlyMap<string, string> | null>;
	/** Host folder of what somebody sent. */
	uploadDir(id: string): string;
	gitToken(): Promise<Secret | null>;
	/** The project's ssh key, and the host keys it expects. */
	sshAccess(): Promise<SshAccess>;
}
