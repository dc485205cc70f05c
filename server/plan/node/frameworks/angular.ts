import { z } from "zod";
import { lineOf } from "../../provider.ts";
import { insidePath, withoutComments } from "../config-text.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, serverShape, siteShape } from "../shape.ts";

const optionsSchema = z.looseObject({
	outputPath: z
		.union([z.string(), z.looseObject({ base: z.string(), browser: z.string().optional() })])
		.optional()
		.catch(undefined),
	outputMode: z.string().optional().catch(undefined),
	server: z.unknown().optional(),
	ssr: z.unknown().optional(),
});
const targetSchema = z.looseObject({ builder: z.string(), options: optionsSchema.default({}) });
const projectSchema = z.looseObject({
	projectType: z.string().default("application"),
	architect: z.looseObject({ build: targetSchema.optional() }).optional().catch(undefined),
	targets: z.looseObject({ build: targetSchema.optional() }).optional().catch(undefined),
});
const angularSchema = z.looseObject({
	defaultProject: z.string().optional().catch(undefined),
	projects: z.record(z.string(), projectSchema),
});

/** Angular, as angular.json says: files in the browser folder of its output, or a server. */
export const angular: Framework = {
	dependency: "@angular/core",
	program: "ng",
	async shape(app, start) {
		const text = withoutComments((await app.workspace.read("angular.json")) ?? "");
		const project = projectOf(text);
		if (project === null) return null;
		const { name, builder, options } = project;
		const build = buildOf(app, { program: ["ng", "build"] });
		const line = lineOf(text, '"outputPath"') ?? lineOf(text, `"${name}"`);
		const evidence = [dependencyEvidence(app, "@angular/core", "Angular"), ...build.evidence];
		const paths = outputOf(name, builder, options);
		const hasServer = options.ssr !== undefined && options.ssr !== false && options.outputMode !== "static";
		if (hasServer && options.server !== undefined) {
			evidence.push({ file: "angular.json", line, means: `The server is built to ${paths.base}/server` });
			const usual = defaultStart("Angular", ["node", `${paths.base}/server/server.mjs`]);
			// Its server answers only hosts it knows; which ones come here, the edge has checked.
			return serverShape(start ?? usual, { framework: "Angular", build: build.command, evidence, env: { NG_ALLOWED_HOSTS: "*" } });
		}
		evidence.push({ file: "angular.json", line, means: `The build writes to ${paths.browser}` });
		return siteShape({ framework: "Angular", build: build.command, output: paths.browser, spaFallback: true, evidence });
	},
};

function projectOf(text: string) {
	const parsed = angularSchema.safeParse(parseJson(text));
	if (!parsed.success) return null;
	const { projects, defaultProject } = parsed.data;
	const apps = Object.entries(projects).filter(([, { projectType }]) => projectType === "application");
	const [name, project] = apps.find(([candidate]) => candidate === defaultProject) ?? apps[0] ?? [];
	const build = project?.architect?.build ?? project?.targets?.build;
	return name === undefined || build === undefined ? null : { name, builder: build.builder, options: build.options };
}

function outputOf(name: string, builder: string, { outputPath }: z.infer<typeof optionsSchema>): { base: string; browser: string } {
	const usual = `dist/${name.replace(/^@/, "")}`;
	const told = typeof outputPath === "object" ? outputPath.base : outputPath;
	const base = insidePath(told ?? usual) ?? insidePath(usual) ?? "dist";
	// The older builder with webpack writes the files themselves there.
	if (!/:application$/.test(builder)) return { base, browser: base };
	const browser = typeof outputPath === "object" ? (outputPath.browser ?? "browser") : "browser";
	return { base, browser: browser === "" ? base : (insidePath(`${base}/${browser}`) ?? base) };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
