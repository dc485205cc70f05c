import { staticDockerfile } from "../dockerfile.ts";
import type { Provider } from "../provider.ts";

const folders = [".", "public", "dist", "docs", "site", "www"];

/** Files that need no build: an index.html in the app's folder, or in one of the usual places. */
export const staticProvider: Provider = {
	name: "static",
	async detect(workspace) {
		for (const folder of folders) {
			const file = folder === "." ? "index.html" : `${folder}/index.html`;
			if (!(await workspace.isFile(file))) continue;
			return {
				provider: "static",
				framework: "Static site",
				summary: `Detected a static site, no build, ${file}`,
				kind: "static",
				directory: workspace.directory,
				nodeVersion: null,
				packageManager: null,
				install: null,
				build: null,
				test: null,
				start: null,
				output: folder,
				spaFallback: false,
				healthPath: "/",
				confidence: folder === "." ? 0.9 : 0.6,
				evidence: [{ file, line: null, means: "A page that is served as it is" }],
				warnings: [],
				dockerfile: staticDockerfile(folder, false),
			};
		}
		return null;
	},
};
