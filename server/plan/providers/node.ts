import type { Evidence, Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { processDockerfile, staticDockerfile } from "../dockerfile.ts";
import { type Framework, frameworkName, frameworks, servers } from "../frameworks.ts";
import { chooseNodeVersion } from "../node-version.ts";
import { type PackageJson, readPackageJson } from "../package-json.ts";
import { choosePackageManager, type PackageManager } from "../package-manager.ts";
import { lineOf, type Provider } from "../provider.ts";
import { readViteConfig } from "../vite-config.ts";

/** Projects with a package.json: sites that are built, and programs that listen. */
export const nodeProvider: Provider = {
	name: "node",
	async detect(workspace) {
		const manifest = await readPackageJson(workspace);
		if (manifest === null || manifest === "broken") return null;
		const shape = await detectShape(workspace, manifest);
		if (shape === null) return null;
		const node = await chooseNodeVersion(workspace, manifest);
		const manager = await choosePackageManager(workspace, manifest);
		const build = shape.build ?? (manifest.scripts.build === undefined ? null : manager.run("build"));
		const plan: Omit<Plan, "dockerfile"> = {
			provider: "node",
			framework: shape.framework,
			summary: summarise(shape, manager),
			kind: shape.kind,
			directory: workspace.directory,
			nodeVersion: node.version,
			packageManager: manager.name,
			install: manager.install,
			build: build === null ? null : [...build, ...shape.buildFlags],
			test: hasTests(manifest) ? manager.run("test") : null,
			start: shape.start,
			output: shape.output,
			spaFallback: shape.spaFallback,
			healthPath: "/",
			confidence: shape.confidence,
			evidence: [...shape.evidence, ...manager.evidence, ...node.evidence].slice(0, 50),
			warnings: [...shape.warnings, ...manager.warnings, ...node.warnings].slice(0, 20),
		};
		return {
			...plan,
			dockerfile: plan.kind === "static" ? staticDockerfile(plan.output ?? ".", plan.spaFallback, plan) : processDockerfile(plan),
		};
	},
};

interface Shape {
	kind: "static" | "process";
	framework: string;
	/** Build command where the build script is not the one to run. */
	build: string[] | null;
	/** Arguments to append to the build command. */
	buildFlags: string[];
	start: string[] | null;
	output: string | null;
	spaFallback: boolean;
	confidence: number;
	evidence: Evidence[];
	warnings: string[];
}

const nothing: Omit<Shape, "kind" | "framework" | "confidence"> = {
	build: null,
	buildFlags: [],
	start: null,
	output: null,
	spaFallback: false,
	evidence: [],
	warnings: [],
};

/** A Procfile, then a command that starts a server, then what the framework does by default. */
async function detectShape(workspace: Workspace, manifest: PackageJson): Promise<Shape | null> {
	const framework = frameworks.find((known) => manifest.has(known.dependency));
	const server = servers.find((known) => Object.hasOwn(manifest.dependencies, known.dependency));
	const started = (await procfileStart(workspace)) ?? (await serverStart(workspace, manifest, server !== undefined));
	if (framework?.kind === "server") return serverShape(framework, manifest, started ?? frameworkStart(framework));
	if (started !== null) return serverShape(server ?? null, manifest, started);
	if (framework !== undefined) return staticShape(workspace, framework, manifest);
	return manifest.scripts.build === undefined ? null : unknownBuild(workspace, manifest);
}

interface Start {
	command: string[];
	evidence: Evidence;
	/** How the command reads in a sentence. */
	text: string;
}

async function procfileStart(workspace: Workspace): Promise<Start | null> {
	const text = await workspace.read("Procfile");
	const web = text === null ? undefined : /^web:\s*(\S.*)$/m.exec(text)?.[1]?.trim();
	const command = web === undefined ? null : plainCommand(web);
	if (text === null || web === undefined || command === null) return null;
	return { command, text: web, evidence: { file: "Procfile", line: lineOf(text, "web:"), means: `Starts with ${web}` } };
}

/** Serves files for development or from another tool; not how a site is put online. */
const developmentServer =
	/^(?:npx )?(?:vite|react-scripts|astro|parcel|webpack|webpack-dev-server|rsbuild|ng|vue-cli-service|gatsby|docusaurus|eleventy|vitepress|serve|http-server|live-server|next dev|nuxt dev)\b/;

async function serverStart(workspace: Workspace, manifest: PackageJson, hasServer: boolean): Promise<Start | null> {
	const script = manifest.scripts.start?.trim();
	if (script !== undefined && script !== "" && !developmentServer.test(script)) {
		const hooks = manifest.scripts.prestart !== undefined || manifest.scripts.poststart !== undefined;
		// Without npm in between the app gets its signals directly, and starts sooner.
		const direct = hooks ? null : nodeCommand(script);
		return {
			command: direct ?? ["npm", "start"],
			text: script,
			evidence: { file: "package.json", line: manifest.lineOf("start"), means: `Starts with ${script}` },
		};
	}
	const candidates = [manifest.main, "server.js", "server.mjs", "app.js", "index.js", "index.mjs", "src/server.js", "src/index.js"];
	for (const file of candidates) {
		if (file === undefined || !(await workspace.isFile(file))) continue;
		const text = (await workspace.read(file)) ?? "";
		if (!/\.listen\s*\(|\bserve\s*\(/.test(text) || !(hasServer || /node:http|require\(["']https?["']\)|from ["']https?["']/.test(text)))
			continue;
		const path = file.replace(/^\.\//, "");
		return {
			command: ["node", path],
			text: `node ${path}`,
			evidence: { file: path, line: lineOf(text, "listen("), means: "A program that listens" },
		};
	}
	return null;
}

function frameworkStart(framework: Framework): Start | null {
	if (framework.start === undefined) return null;
	const text = framework.start.join(" ");
	return { command: framework.start, text, evidence: { file: "package.json", line: null, means: `${framework.name} starts with ${text}` } };
}

function serverShape(framework: Framework | null, manifest: PackageJson, start: Start | null): Shape | null {
	if (start === null) return null;
	const seen: Evidence[] = framework === null ? [] : [dependencyEvidence(framework, manifest)];
	const warnings = /^nodemon\b|--watch\b/.test(start.text)
		? ["The start command restarts the app when files change; in production nothing changes."]
		: [];
	return {
		...nothing,
		kind: "process",
		framework: framework?.name ?? "Node server",
		build: manifest.scripts.build === undefined ? (framework?.build ?? null) : null,
		start: start.command,
		confidence: framework === null ? 0.8 : 0.95,
		evidence: [...seen, start.evidence],
		warnings,
	};
}

async function staticShape(workspace: Workspace, framework: Framework, manifest: PackageJson): Promise<Shape> {
	const script = manifest.scripts.build ?? "";
	const shape: Shape = {
		...nothing,
		kind: "static",
		framework: frameworkName(framework, manifest),
		build: script === "" ? (framework.build ?? null) : null,
		output: framework.output ?? "dist",
		spaFallback: framework.spa ?? false,
		confidence: 0.95,
		evidence: [dependencyEvidence(framework, manifest)],
	};
	if (script !== "") shape.evidence.push({ file: "package.json", line: manifest.lineOf("build"), means: `Builds with ${script}` });
	if (framework.dependency !== "vite") return shape;
	const config = await readViteConfig(workspace, script);
	const base = viteBase(config.base, script, shape.build !== null);
	return {
		...shape,
		output: config.output,
		buildFlags: base.flags,
		evidence: [...shape.evidence, ...config.evidence],
		warnings: [...config.warnings, ...base.warnings],
	};
}

/** A preview is at the root of its host; a site configured for a folder (as for GitHub Pages) would not find its files. */
function viteBase(base: string | null, script: string, direct: boolean): { flags: string[]; warnings: string[] } {
	if (base === null) return { flags: [], warnings: [] };
	if (direct) return { flags: ["--base=/"], warnings: [`The Vite configuration sets base ${base}; it is built for / instead.`] };
	if (/(?:^|&& *)vite build(?: --?[\w=./-]+)*$/.test(script))
		return { flags: ["--", "--base=/"], warnings: [`The Vite configuration sets base ${base}; it is built for / instead.`] };
	return { flags: [], warnings: [`The Vite configuration sets base ${base}: at the root of a preview, files may be missing.`] };
}

/** A build script of an unknown tool: its output is looked for in the usual place. */
async function unknownBuild(workspace: Workspace, manifest: PackageJson): Promise<Shape | null> {
	const page = await workspace.isFile("index.html");
	const source = page || (await workspace.isFile("src/index.html")) || (await workspace.isFile("public/index.html"));
	if (!source) return null;
	return {
		...nothing,
		kind: "static",
		framework: "Built site",
		output: "dist",
		confidence: 0.4,
		evidence: [{ file: "package.json", line: manifest.lineOf("build"), means: `Builds with ${manifest.scripts.build}` }],
		warnings: ["The build tool is not known; its output is expected in dist."],
	};
}

function dependencyEvidence(framework: Framework, manifest: PackageJson): Evidence {
	return { file: "package.json", line: manifest.lineOf(framework.dependency), means: `Uses ${framework.name}` };
}

function hasTests(manifest: PackageJson): boolean {
	const script = manifest.scripts.test?.trim() ?? "";
	return script !== "" && !/no test specified/i.test(script) && !/^(?:echo|exit|true)\b/.test(script);
}

function summarise(shape: Shape, manager: PackageManager): string {
	const tail = shape.kind === "static" ? `output ${shape.output}` : `starts with ${shape.start?.join(" ")}`;
	return `Detected ${shape.framework}, ${manager.name}, ${tail}`;
}

/** `node file flags` as arguments; null when it needs a shell to be understood. */
function nodeCommand(script: string): string[] | null {
	return /^node(?: [\w@./=:-]+)+$/.test(script) ? script.split(" ") : null;
}

function plainCommand(script: string): string[] | null {
	return nodeCommand(script) ?? (/^npm (?:start|run [\w:-]+)$/.test(script) ? script.split(" ") : null);
}
