import type { Client } from "../../lib/client/client.ts";
import { followDeployment } from "../../lib/client/follow.ts";
import { rejectionOf } from "../../lib/deployment/approvals.ts";
import type { DeploymentView } from "../../lib/deployment/state.ts";
import { formatElapsed } from "../../lib/format.ts";
import type { Activity, Failure, StreamEvent } from "../../lib/protocol/index.ts";
import { exitCode, exitCodeOf } from "./exit-code.ts";
import type { Output } from "./output.ts";

export interface WatchOptions {
	output: Output;
	signal: AbortSignal;
	/** Prints the lines of its log, and not only what becomes of its stages. */
	log?: boolean;
}

const stageWidth = "analyze".length;

/** Tells what happens to a deployment until it ends; answers the exit code. */
export async function watchDeployment(client: Client, id: string, options: WatchOptions): Promise<number> {
	const { output, signal } = options;
	try {
		for await (const followed of followDeployment(client, id, { signal })) {
			if (followed.type === "event") tell(followed.event, options);
			else if (followed.type === "activity") output.status(activityLine(followed.activity, output));
		}
	} catch (error) {
		if (!signal.aborted) throw error;
		output.status("");
		output.note(`Stopped watching; the deployment goes on. To follow it again: quayside logs --follow ${id}`);
		return exitCode.detached;
	}
	output.status("");
	const deployment = await client.deployments.get(id);
	conclude(deployment, output);
	return exitCodeOf(deployment.status);
}

function tell(event: StreamEvent, { output, log }: WatchOptions): void {
	const stage = (event.stage ?? "").padEnd(stageWidth);
	if (output.json) {
		output.record({ type: "event", event });
	} else if (event.type === "log") {
		if (log) for (const { text } of event.metadata.lines) output.line(text);
	} else if (event.type === "stage_completed") {
		output.line(`${output.style("green", "✓")} ${output.style("dim", stage)}  ${event.content}`);
	} else if (event.type === "stage_failed" && !event.metadata.cancelled) {
		// The last failure is explained at the end.
		output.line(`${output.style("red", "✗")} ${output.style("dim", stage)}  ${event.metadata.will_retry ? event.content : "Failed"}`);
	} else if (event.type === "approval_requested") {
		output.line(`${output.style("yellow", "!")} ${output.style("dim", stage)}  ${event.content}`);
		output.line(`  ${" ".repeat(stageWidth)}  Answer it: quayside approve ${event.deployment_id}`);
		output.status(`${output.style("yellow", "●")} ${stage}  Waiting for a person`);
	} else if (event.type === "approval_resolved") {
		output.line(`• ${output.style("dim", stage)}  ${event.content}`);
		output.status("");
	} else if (event.type === "stage_started" && !output.live) {
		output.line(`• ${stage}  ${event.content}`);
	}
}

/** How it ended, for people and for programs. */
function conclude(deployment: DeploymentView, output: Output): void {
	const { id, status, previewUrl, error, project, number } = deployment;
	if (output.json) output.record({ type: "result", id, project: project.slug, number, status, previewUrl, error });
	else if (status === "succeeded") output.line(`${output.style("bold", "Live:")} ${previewUrl ?? project.slug}`);
	else if (status === "cancelled") output.line(["Cancelled.", rejectionOf(deployment)].filter(Boolean).join(" "));
	else if (error) explain(id, error, output);
}

function explain(id: string, { message, command, exit_code, lines, action }: Failure, output: Output): void {
	output.line();
	output.line(output.style(["red", "bold"], message));
	if (command !== null) output.line(`  $ ${command}${exit_code === null ? "" : `  (exit code ${exit_code})`}`);
	for (const line of lines) output.line(output.style("dim", `  │ ${line}`));
	output.line(action);
	output.line(output.style("dim", `Its whole log: quayside logs ${id}`));
}

function activityLine({ stage, awaiting, since }: Activity, output: Output): string {
	const waited = formatElapsed(Math.max(0, Date.now() - Date.parse(since)));
	return `${output.style("cyan", "●")} ${(stage ?? "").padEnd(stageWidth)}  Waiting for ${awaiting}, ${waited}`;
}
