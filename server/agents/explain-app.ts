import { commandText, type Plan, type WorkFailure } from "../../lib/protocol/index.ts";
import { ImportantLines } from "../build/lines.ts";
import { findCause } from "../causes/find-cause.ts";
import { findPort } from "../causes/port-in-source.ts";
import type { Workspace } from "../source/workspace.ts";

export interface FailedApp {
	failure: WorkFailure;
	/** The newest of what the app printed. */
	output: string;
	plan: Plan;
	/** The repository as it was cloned, where it can be had. */
	files: Workspace | null;
}

/** Adds to what was seen of an app that does not work what its output and its files give away. */
export async function explainApp({ failure, output, plan, files }: FailedApp): Promise<WorkFailure> {
	if (failure.code !== "app_crashed" && failure.code !== "app_unhealthy" && failure.code !== "app_not_listening") return failure;
	const lines = new ImportantLines();
	lines.add(withoutNotes(output));
	const command = commandText(plan.start ?? []);
	const known = await findCause({
		step: "start",
		command,
		exitCode: failure.exitCode ?? null,
		end: "exited",
		lines: lines.kept(),
		plan,
		files,
	});
	const picked = lines.pick(known?.line ?? null);
	const seen: WorkFailure = { ...failure, ...(command && { command }), lines: picked.length > 0 ? picked : failure.lines };
	if (failure.cause === "port_fixed") return withPlace(seen, files);
	if (!known || limits.has(failure.cause ?? "")) return seen;
	const { id: cause, message, action, code = failure.code, seen: found } = known;
	// What was seen from outside stays the first sentence, unless the app is gone.
	return {
		...seen,
		code,
		cause,
		action,
		decisive: known.line,
		seen: found,
		message: failure.code === "app_crashed" ? message : `${failure.message} ${message}`,
	};
}

const limits = new Set(["out_of_memory", "process_limit", "disk_limit", "disk_full"]);

/** Lines of the runner are not the app's own. */
function withoutNotes(output: string): string {
	return output
		.split("\n")
		.filter((line) => !line.startsWith("[quayside] "))
		.join("\n");
}

/** Names the place in the code where an app has its port from. */
async function withPlace(failure: WorkFailure, files: Workspace | null): Promise<WorkFailure> {
	const port = Number(/port (\d+)/.exec(failure.message ?? "")?.[1]);
	const place = files && port ? await findPort(files, port) : null;
	return place === null ? failure : { ...failure, message: `${failure.message} “${place.file}”, line ${place.line}, names it.` };
}
