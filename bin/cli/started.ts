import type { Client, Started } from "../../lib/client/client.ts";
import type { Call, Option } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { watchDeployment } from "./watch.ts";

/** Options of every command that begins a deployment. */
export const waitOptions: Readonly<Record<string, Option>> = {
	"no-wait": { type: "boolean", help: "Do not wait until it has ended" },
	wait: { type: "boolean", help: "Wait until it has ended, which is the default" },
};

/** Tells what becomes of a deployment that has just begun, or only that it has; answers the exit code. */
export async function tellStarted(client: Client, { deployment }: Started, { flags, output, signal }: Call): Promise<number> {
	const { id, number, project } = deployment;
	if (flags.has("no-wait")) {
		if (output.json) output.record({ type: "started", id, project: project.slug, number });
		else output.line(`Deployment ${number} of ${project.slug} has begun: ${id}`);
		return exitCode.ok;
	}
	if (!output.json) output.note(`Deployment ${number} of ${project.slug}, ${id}`);
	return watchDeployment(client, id, { output, signal });
}
