import type { EventDraft } from "./event.ts";
import type { EventSource, EventType, Stage } from "./words.ts";

/** Who says this whatever stage it is said in. */
const ofType: Partial<Record<EventType, EventSource>> = {
	deployment_started: "deployments",
	deployment_completed: "deployments",
	status: "deployments",
	deployment_progress: "pipeline",
	agent_status: "pipeline",
	system: "pipeline",
	queue_changed: "pipeline",
	release_changed: "releases",
};

const ofStage: Readonly<Record<Stage, EventSource>> = {
	clone: "source",
	analyze: "analysis",
	plan: "plan",
	write: "plan",
	build: "build",
	test: "build",
	deploy: "target",
	verify: "health",
};

/** The module that speaks in an event, where the draft itself does not name it. */
export function sourceOf({ source, type, stage }: Pick<EventDraft, "source" | "type" | "stage">): EventSource {
	return source ?? ofType[type] ?? (stage ? ofStage[stage] : "pipeline");
}
