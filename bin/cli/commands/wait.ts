import type { Command } from "../command.ts";
import { deploymentIdOf } from "../target.ts";
import { watchDeployment } from "../watch.ts";

export const wait: Command = {
	name: "wait",
	takes: "<deployment | project>",
	summary: "Wait until a deployment has ended; the exit code tells how",
	words: [1, 1],
	options: {},
	async run({ words: [word = ""], output, client: connect, signal }) {
		const client = await connect();
		return watchDeployment(client, await deploymentIdOf(client, word), { output, signal });
	},
};
