import { z } from "zod";
import { outputOf } from "../../../../lib/deployment/selectors.ts";
import { openFiles } from "../../../causes/open-files.ts";
import type { Work } from "../../agent.ts";
import type { Mind } from "../mind.ts";
import { addReadTools, type ReadableFiles, readableFiles, readmeOf } from "../read-tools.ts";

const output = z.object({
	message: z.string().min(1).max(6000),
	risks: z
		.array(z.object({ what: z.string().min(1).max(300), file: z.string().max(200).nullable() }))
		.max(5)
		.default([]),
});

/** Says what the project is and what could go wrong with deploying it. */
export const analystMind: Mind<z.infer<typeof output>> = {
	instructions:
		"You are the Analyst. Say in two to four sentences what this project is and what it is made with. Name as risks only what you have seen in its files and what could make its build or its deployment fail or be unsafe; no risks is a good answer. Read at most five files.",
	request: () => "Summarise this project and name its risks.",
	async materials(work) {
		const { brief } = work.state.source ?? {};
		if (brief) return [{ label: "The brief", text: [brief.text, ...brief.messages].join("\n\n") }];
		const files = await filesOf(work);
		return files === null ? [] : [{ label: "Files of the project", text: files.list() }, ...(await readmeOf(files))];
	},
	async equip(box, work) {
		const files = await filesOf(work);
		if (files !== null) addReadTools(box, files, work.redact);
	},
	output,
	rest: ({ risks }) =>
		risks.length === 0
			? ""
			: `**Risks**\n${risks.map(({ what, file }) => `- ${what}${file ? ` (\`${file.replaceAll("`", "")}\`)` : ""}`).join("\n")}`,
};

/** The project's files as a model may see them; null where they are not on this node. */
export async function filesOf(work: Work): Promise<ReadableFiles | null> {
	const { source } = outputOf(work.state, "clone");
	const workspace = source === undefined ? null : await openFiles(work.sourceDir(source), work.state.source?.directory ?? "");
	return workspace && readableFiles(workspace);
}
