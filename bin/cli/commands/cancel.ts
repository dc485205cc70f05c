import type { Command } from "../command.ts";
import { exitCode } from "../exit-code.ts";
import { deploymentIdOf } from "../target.ts";

export const cancel: Command = {
	name: "cancel",
	takes: "<deployment | project>",
	summary: "End a deployment and all its processes",
	words: [1, 1],
	options: {},
	async run({ words: [word = ""], output, client: connect }) {
		const client = await connect();
		const id = await deploymentIdOf(client, word);
		const { status, project } = await client.deployments.cancel(id);
		if (output.json) output.record({ type: "cancel", id, project: project.slug, status });
		else output.line(`${status === "cancelled" ? "Cancelled" : "Cancelling"}: ${id} of ${project.slug}`);
		return exitCode.ok;
	},
};
