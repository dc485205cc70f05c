import type { Push } from "../../../lib/protocol/index.ts";
import { branchSchema } from "../../../lib/protocol/index.ts";
import type { Command } from "../command.ts";
import { exitCode, UsageError } from "../exit-code.ts";
import { readStdin } from "../stdin.ts";
import { deploymentIdOf } from "../target.ts";

export const push: Command = {
	name: "push",
	takes: "<deployment | project> [url]",
	summary: "Push a product that was made from a brief to a git repository of yours",
	details: [
		"Without an address, branch or token: as the last push of the project. What others have committed is never overwritten.",
		"An ssh address is reached with the project's deploy key, which has to be allowed to write there.",
	],
	words: [1, 2],
	options: {
		branch: { type: "string", value: "NAME", help: "Branch to push to, main by default" },
		"token-stdin": { type: "boolean", help: "Read an access token that may write there from standard input" },
	},
	async run({ words: [word = "", url], flags, output, client: connect }) {
		const branch = flags.text("branch");
		if (branch !== undefined && !branchSchema.safeParse(branch).success)
			throw new UsageError(`“${branch}” is no branch name that can be pushed to.`);
		const token = flags.has("token-stdin") ? await readStdin("the token") : undefined;
		if (token?.trim() === "") throw new UsageError("The token is empty.");
		const client = await connect();
		const id = await deploymentIdOf(client, word);
		const body: Push = { ...(url !== undefined && { url }), ...(branch !== undefined && { branch }), ...(token && { token }) };
		output.status("Pushing…");
		const pushed = await client.deployments.push(id, body);
		output.status("");
		const { commit, files, unchanged } = pushed;
		if (output.json) output.record({ type: "push", id, ...pushed });
		else if (unchanged) output.line(`${pushed.url}, branch ${pushed.branch}, holds these ${files} files already (${commit.slice(0, 7)})`);
		else output.line(`Pushed ${files} files to ${pushed.url}, branch ${pushed.branch}, as ${commit.slice(0, 7)}`);
		return exitCode.ok;
	},
};
