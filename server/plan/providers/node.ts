import { commandText, type Plan, type PlanDraft, planSchema, type WorkFailure } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { type NodeApp, readNodeApp } from "../node/app.ts";
import { detectShape } from "../node/detect-shape.ts";
import { nodeContainerFiles } from "../node/dockerfile.ts";
import { detectMembers } from "../node/members.ts";
import { type Monorepo, readMonorepo } from "../node/monorepo.ts";
import type { Shape } from "../node/shape.ts";
import type { Provider, Wishes } from "../provider.ts";
import { toolsOf, withTools } from "../tools.ts";

/** Projects with a package.json: sites that are built, and programs that listen; one of the packages where the root is neither. */
export const nodeProvider: Provider = {
	name: "node",
	async detect(workspace, wishes) {
		const app = await readNodeApp(workspace, wishes);
		if (app === null) return null;
		const plan = await planOf(app);
		return plan === null ? detectMembers(workspace, (member, monorepo) => planAt(member, wishes, monorepo)) : plan;
	},
	async explain(workspace) {
		const app = await readNodeApp(workspace, {});
		const shape = app === null ? null : await detectShape(app);
		if (shape !== null && "unable" in shape) return unable(shape.unable, shape.action);
		return app !== null && shape === null && app.monorepo === null ? whatForIsItBuilt(app) : null;
	},
	containerFiles: nodeContainerFiles,
};

async function planAt(workspace: Workspace, wishes: Wishes, monorepo: Monorepo): Promise<Plan | null> {
	const app = await readNodeApp(workspace, wishes, monorepo);
	return app === null ? null : planOf(app);
}

async function planOf(app: NodeApp): Promise<Plan | null> {
	const shape = await detectShape(app);
	if (shape === null || "unable" in shape) return null;
	const { workspace, monorepo, manager, node } = app;
	const draft: PlanDraft = {
		provider: "node",
		framework: shape.framework,
		summary: summarise(shape, manager.name),
		kind: shape.kind,
		directory: workspace.directory,
		installDirectory: monorepo === null ? null : monorepo.root.directory,
		nodeVersion: node.version,
		packageManager: manager.name,
		install: manager.install,
		build: shape.build,
		test: hasTests(app) ? manager.run("test") : null,
		start: shape.start,
		output: shape.output,
		spaFallback: shape.spaFallback,
		healthPath: shape.healthPath,
		port: shape.port,
		env: { ...manager.env, ...shape.env },
		confidence: shape.confidence,
		evidence: [
			...shape.evidence.map((seen) => ({ ...seen, file: `${app.prefix}${seen.file}` })),
			...manager.evidence,
			...node.evidence,
		].slice(0, 50),
		warnings: [...shape.warnings, ...manager.warnings, ...node.warnings].slice(0, 20),
		language: (await isTypeScript(app, shape)) ? "TypeScript" : "JavaScript",
		tools: [{ name: "node", version: node.version }, manager.tool],
		dockerfile: null,
	};
	const parsed = withTools(planSchema.parse(draft), toolsInScripts(app, draft));
	return { ...parsed, ...(await nodeContainerFiles(parsed, workspace)) };
}

/** Programs that the scripts behind a plan's commands call: `bun run src/index.ts`. */
function toolsInScripts({ manifest }: NodeApp, { build, test, start }: PlanDraft) {
	const names = [build, test, start].flatMap((command) => command ?? []);
	const scripts = names.flatMap((name) => (Object.hasOwn(manifest.scripts, name) ? [manifest.scripts[name] ?? ""] : []));
	return scripts.flatMap((script) => toolsOf(["sh", "-c", script]));
}

async function isTypeScript({ manifest, workspace }: NodeApp, { start }: Shape): Promise<boolean> {
	if (manifest.has("typescript") || start?.some((word) => /\.m?ts$/.test(word))) return true;
	return workspace.isFile("tsconfig.json");
}

function hasTests({ manifest }: NodeApp): boolean {
	const script = manifest.scripts.test?.trim() ?? "";
	return script !== "" && !/no test specified/i.test(script) && !/^(?:echo|exit|true)\b/.test(script);
}

function summarise(shape: Shape, manager: string): string {
	const tail = shape.kind === "static" ? `output ${shape.output}` : `starts with ${commandText(shape.start ?? [])}`;
	return `Detected ${shape.framework}, ${manager}, ${tail}`;
}

/** A build script alone: “no build script” would be false, and what it makes nobody but its owner knows. */
async function whatForIsItBuilt({ manifest, manager, workspace }: NodeApp): Promise<WorkFailure | null> {
	const script = manifest.scripts.build?.trim() ?? "";
	if (script === "" || (await readMonorepo(workspace)) !== null) return null;
	const file = workspace.directory === "" ? "package.json" : `${workspace.directory}/package.json`;
	const commands = [
		...(manager.install === null ? [] : [["install", commandText(manager.install)]]),
		["build", commandText(manager.run("build"))],
	];
	const settings = [...commands, ["output", "dist"]].map(([name, value]) => `"${name}": "${value}"`).join(", ");
	return unable(
		`“${file}” has a build script, “${script.slice(0, 200)}”, but what it makes is not known: there is no start script, no framework that is known, and no index.html.`,
		`Add a start script if it is an app. If it makes a folder of files, name that folder in a quayside.json beside it: { ${settings} }. Then commit, push and deploy again.`,
	);
}

function unable(message: string, action: string): WorkFailure {
	return { code: "nothing_deployable", message, action };
}
