import type { Evidence } from "../../../lib/protocol/index.ts";
import { lineOf, noSteps, type Provider } from "../provider.ts";

/** A repository that brings its own Dockerfile. Recognised and shown; carrying it out needs a target with containers. */
export const dockerfileProvider: Provider = {
	name: "dockerfile",
	async detect(workspace) {
		const file = "Dockerfile";
		const text = await workspace.read(file);
		if (text === null || !/^\s*FROM\s+\S/im.test(text)) return null;
		const base = [...text.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)/gim)].at(-1)?.[1] ?? "";
		const port = /^\s*EXPOSE\s+(\d+)/im.exec(text)?.[1];
		const evidence: Evidence[] = [{ file, line: lineOf(text, base), means: `Builds an image on ${base}` }];
		if (port !== undefined) evidence.push({ file, line: lineOf(text, "EXPOSE"), means: `Listens on port ${port}` });
		return {
			...noSteps,
			provider: "dockerfile",
			framework: "Dockerfile",
			summary: `Detected a Dockerfile on ${base}${port === undefined ? "" : `, port ${port}`}`,
			kind: "image",
			directory: workspace.directory,
			confidence: 1,
			evidence,
			warnings: ["An image needs another target: this one runs projects without containers."],
		};
	},
};
