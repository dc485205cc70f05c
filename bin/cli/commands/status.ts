import type { Client } from "../../../lib/client/client.ts";
import { pendingApproval } from "../../../lib/deployment/approvals.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-code.ts";
import type { Output } from "../output.ts";
import { deploymentIdOf } from "../target.ts";

export const status: Command = {
	name: "status",
	takes: "[deployment | project]",
	summary: "Show how a deployment or a project stands; without one, the server and who you are there",
	words: [0, 1],
	options: {},
	async run({ words: [word], output, client: connect }) {
		const client = await connect();
		return word === undefined ? serverStatus(client, output) : deploymentStatus(client, word, output);
	},
};

async function serverStatus(client: Client, output: Output): Promise<number> {
	const [{ version }, { user }] = await Promise.all([client.system.health(), client.accounts.me()]);
	if (output.json) output.record({ type: "server", version, user });
	else output.line(`Quayside ${version}, as ${user.email} (${user.role})`);
	return exitCode.ok;
}

async function deploymentStatus(client: Client, word: string, output: Output): Promise<number> {
	const deployment = await client.deployments.get(await deploymentIdOf(client, word));
	const { id, status: now, stage, progress, previewUrl, error, project, number } = deployment;
	if (output.json) {
		output.record({ type: "result", id, project: project.slug, number, status: now, stage, progress, previewUrl, error });
		return exitCode.ok;
	}
	const where = now === "running" || now === "paused" || now === "waiting" ? `, ${stage}, ${progress} %` : "";
	output.line(`${project.slug} #${number}  ${now}${where}  ${id}`);
	const waiting = pendingApproval(deployment);
	if (waiting) output.line(`${waiting.text} Answer it: quayside approve ${id}`);
	if (previewUrl !== null) output.line(previewUrl);
	if (error) output.line(`${error.message} ${error.action}`);
	return exitCode.ok;
}
