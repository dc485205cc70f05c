import type { Command } from "../command.ts";
import { exitCode } from "../exit-code.ts";

export const list: Command = {
	name: "list",
	takes: "[project]",
	summary: "List your projects, or the newest deployments of one",
	words: [0, 1],
	options: {},
	async run({ words: [project], output, client: connect }) {
		const client = await connect();
		if (project !== undefined) {
			const { deployments } = await client.deployments.list({ project, limit: 20 });
			for (const deployment of deployments) {
				if (output.json) output.record({ type: "deployment", ...deployment });
				else output.line([deployment.id, `#${deployment.number}`, deployment.status.padEnd(9), deployment.text].join("  "));
			}
			return exitCode.ok;
		}
		const projects = await client.projects.list();
		const width = Math.max(0, ...projects.map(({ slug }) => slug.length));
		for (const { slug, releaseStatus, asleep, previewUrl, source, ...rest } of projects) {
			if (output.json) output.record({ type: "project", slug, releaseStatus, asleep, previewUrl, source, ...rest });
			else
				output.line(
					[slug.padEnd(width), (asleep ? "asleep" : (releaseStatus ?? "not yet")).padEnd(8), previewUrl ?? source.url].join("  "),
				);
		}
		if (projects.length === 0 && !output.json) output.note("There is no project yet. “quayside deploy .” makes one.");
		return exitCode.ok;
	},
};
