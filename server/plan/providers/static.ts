import type { Workspace } from "../../source/workspace.ts";
import { dockerignoreText, ownContainerFiles, staticDockerfile } from "../dockerfile.ts";
import { readPackageJson } from "../node/package-json.ts";
import { noSteps, type Provider } from "../provider.ts";

const folders = [".", "public", "dist", "docs", "site", "www"];

/** Files that need no build: an index.html in the app's folder, or in one of the usual places. */
export const staticProvider: Provider = {
	name: "static",
	async detect(workspace) {
		for (const folder of folders) {
			const file = folder === "." ? "index.html" : `${folder}/index.html`;
			if (!(await workspace.isFile(file))) continue;
			const sources = folder === "." && (await hasBuildScript(workspace));
			return {
				...noSteps,
				provider: "static",
				framework: "Static site",
				summary: `Detected a static site, no build, ${file}`,
				kind: "static",
				directory: workspace.directory,
				output: folder,
				confidence: sources ? 0.3 : folder === "." ? 0.9 : 0.6,
				evidence: [{ file, line: null, means: "A page that is served as it is" }],
				warnings: sources ? ["There is a build script: unbuilt, the page may not work."] : [],
				dockerfile: staticDockerfile(folder, false),
				dockerignore: dockerignoreText,
				language: "HTML",
			};
		}
		return null;
	},
	containerFiles: async (plan) => ownContainerFiles(plan),
};

async function hasBuildScript(workspace: Workspace): Promise<boolean> {
	const manifest = await readPackageJson(workspace);
	return manifest !== null && manifest !== "broken" && manifest.scripts.build !== undefined;
}
