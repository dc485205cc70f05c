import type { Evidence, Tool } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { pythonImage } from "../dockerfiles/python.ts";
import { type LanguagePlan, languageProvider } from "../language-plan.ts";
import { withPort } from "../port.ts";
import { type PythonDependencies, readDependencies } from "../python/dependencies.ts";
import { readDjango, requiredVariables } from "../python/django.ts";
import { findPythonApp, findPythonServer } from "../python/find-app.ts";
import { pythonFrameworks } from "../python/frameworks.ts";
import { chooseInstall } from "../python/install.ts";
import { type PythonStart, runFile, startApp, startDjango } from "../python/start.ts";
import { choosePythonVersion } from "../python/version.ts";

/** Python programs that listen: Django, the frameworks around WSGI and ASGI, and servers of the standard library. */
export const pythonProvider = languageProvider({
	name: "python",
	called: "Python",
	signs: ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "manage.py"],
	image: pythonImage,
	async detect(workspace) {
		const dependencies = await readDependencies(workspace);
		const shape =
			(await djangoShape(workspace, dependencies)) ??
			(await appShape(workspace, dependencies)) ??
			(await serverShape(workspace, dependencies));
		return shape === null ? null : planFor(workspace, dependencies, shape);
	},
});

interface Shape {
	framework: string;
	start: PythonStart;
	build: string[] | null;
	expects: string[];
	confidence: number;
	evidence: Evidence[];
	warnings: string[];
}

async function djangoShape(workspace: Workspace, dependencies: PythonDependencies): Promise<Shape | null> {
	const django = await readDjango(workspace);
	if (django === null) return null;
	const start = startDjango(django, dependencies);
	const named = dependencies.has("django") ? [dependencies.evidence("django", "Uses Django")] : [];
	return {
		framework: "Django",
		start: named.length === 0 ? { ...start, extra: [...start.extra, "django"] } : start,
		build: django.collectsStatic ? ["python", "manage.py", "collectstatic", "--noinput"] : null,
		expects: django.expects,
		confidence: 0.97,
		evidence: [...named, ...django.evidence],
		warnings: [...start.warnings, ...django.warnings],
	};
}

async function appShape(workspace: Workspace, dependencies: PythonDependencies): Promise<Shape | null> {
	for (const framework of pythonFrameworks) {
		if (!dependencies.has(framework.dependency)) continue;
		const named = dependencies.evidence(framework.dependency, `Uses ${framework.name}`);
		const common = { framework: framework.name, build: null, expects: [], confidence: 0.95 };
		if (framework.dependency === "streamlit") {
			const file = await streamlitFile(workspace);
			if (file === null) continue;
			const command = withPort('streamlit run --server.headless true --server.address 0.0.0.0 --server.port "$PORT"', [file]);
			const start: PythonStart = { command, text: `streamlit run ${file}`, extra: [], port: null, warnings: [] };
			return { ...common, start, evidence: [named, { file, line: null, means: "A Streamlit page" }], warnings: [] };
		}
		const app = framework.classes.length === 0 ? null : await findPythonApp(workspace, framework.classes);
		const server = app === null ? await findPythonServer(workspace) : null;
		const found = app ?? server;
		if (found === null) continue;
		const text = (await workspace.read(found.file)) ?? "";
		const start = app === null ? runFile(found, true) : startApp(framework, app, dependencies);
		if (framework.interface === "self" && !/\bPORT\b/.test(text)) start.port ??= framework.port ?? null;
		return {
			...common,
			start,
			expects: requiredVariables(text),
			evidence: [named, { file: found.file, line: found.line, means: `The ${framework.name} app` }],
			warnings: start.warnings,
		};
	}
	return null;
}

async function streamlitFile(workspace: Workspace): Promise<string | null> {
	for (const file of ["streamlit_app.py", "app.py", "main.py", "Home.py", "src/app.py"]) if (await workspace.isFile(file)) return file;
	return null;
}

async function serverShape(workspace: Workspace, dependencies: PythonDependencies): Promise<Shape | null> {
	const server = await findPythonServer(workspace);
	if (server === null) return null;
	const start = runFile(server, dependencies.all.length > 0);
	const text = (await workspace.read(server.file)) ?? "";
	return {
		framework: "Python",
		start,
		build: null,
		expects: requiredVariables(text),
		confidence: server.file.includes("/") ? 0.6 : 0.8,
		evidence: [{ file: server.file, line: server.line, means: "A program that listens" }],
		warnings: [],
	};
}

async function planFor(workspace: Workspace, dependencies: PythonDependencies, shape: Shape): Promise<LanguagePlan> {
	const python = await choosePythonVersion(workspace);
	const install = await chooseInstall(workspace, dependencies, shape.start.extra);
	const tools: Tool[] = [{ name: "python", version: python.version }];
	if (install.command !== null) tools.push({ name: "pip", version: null });
	const kind = shape.framework === "Python" ? "a Python server" : `${shape.framework} application`;
	return {
		language: "Python",
		framework: shape.framework,
		summary: `Detected ${[kind, python.version && `Python ${python.version}`, install.command && install.manager].filter(Boolean).join(", ")}, starts with ${shape.start.text}`,
		kind: "process",
		install: install.command,
		build: shape.build,
		start: shape.start.command,
		port: shape.start.port,
		tools,
		env: { PYTHONUNBUFFERED: "1" },
		expects: shape.expects,
		confidence: shape.confidence,
		evidence: [...shape.evidence, ...install.evidence, ...python.evidence],
		warnings: [...shape.warnings, ...install.warnings],
	};
}
