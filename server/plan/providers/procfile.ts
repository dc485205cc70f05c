import { commandText, planSchema } from "../../../lib/protocol/index.ts";
import { ownContainerFiles } from "../dockerfile.ts";
import { readProcfile } from "../procfile.ts";
import { noSteps, type Provider } from "../provider.ts";
import { toolsOf } from "../tools.ts";

/** A program in any language whose Procfile says how it starts, where nothing else recognises the project. It has nothing to install. */
export const procfileProvider: Provider = {
	name: "procfile",
	async detect(workspace) {
		const web = await readProcfile(workspace);
		if (web === null) return null;
		const tools = toolsOf(web.command).map((name) => ({ name, version: null }));
		const plan = planSchema.parse({
			...noSteps,
			provider: "procfile",
			framework: "Procfile",
			summary: `Detected a Procfile, starts with ${commandText(web.command)}`,
			kind: "process",
			directory: workspace.directory,
			nodeVersion: tools.some(({ name }) => name === "node") ? "24" : null,
			start: web.command,
			confidence: 0.5,
			evidence: [web.evidence],
			warnings: ["Only the Procfile says what this project is: nothing is installed or built before it starts."],
			tools,
		});
		return { ...plan, ...ownContainerFiles(plan) };
	},
	containerFiles: async (plan) => ownContainerFiles(plan),
};
