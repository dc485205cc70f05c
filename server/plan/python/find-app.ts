import type { Workspace } from "../../source/workspace.ts";
import { fixedPort } from "../port.ts";
import { lineOf } from "../provider.ts";

export interface PythonApp {
	file: string;
	line: number | null;
	/** As servers name it: "app.main:app", "app:create_app()". */
	target: string;
	/** The app is made by calling the target. */
	factory: boolean;
	/** The file starts a server when it is run. */
	runs: boolean;
	/** Port it then listens on whatever `PORT` says. */
	port: number | null;
}

const usualNames = ["main", "app", "server", "wsgi", "asgi", "application", "run", "api", "index", "manage"];
const maxFiles = 60;
const maxScriptBytes = 128 * 1024;

/** The file and variable that hold an app of these classes: usual names first, then any other file near the top. */
export async function findPythonApp(workspace: Workspace, classes: readonly string[]): Promise<PythonApp | null> {
	const made = new RegExp(`^(\\w+)\\s*(?::[^=\\n]+)?=\\s*(?:\\w+\\.)?(?:${classes.join("|")})\\(`, "m");
	let factory: PythonApp | null = null;
	for (const file of await pythonFiles(workspace)) {
		const text = await workspace.read(file, maxScriptBytes);
		if (text === null) continue;
		const runs = /^if __name__ == ["']__main__["']/m.test(text);
		const port = fixedPort(text);
		const variable = made.exec(text);
		if (variable) return { file, line: lineOf(text, variable[0]), target: `${moduleOf(file)}:${variable[1]}`, factory: false, runs, port };
		const maker = /^def (create_app|make_app|get_app|create_application)\(/m.exec(text);
		if (maker && factory === null)
			factory = { file, line: lineOf(text, maker[0]), target: `${moduleOf(file)}:${maker[1]}`, factory: true, runs, port };
	}
	return factory;
}

/** A program that listens with the standard library alone, or with a server of its own. */
export async function findPythonServer(workspace: Workspace): Promise<Pick<PythonApp, "file" | "line" | "port"> | null> {
	for (const file of await pythonFiles(workspace)) {
		const text = await workspace.read(file, maxScriptBytes);
		const listens =
			/\.serve_forever\(|\bmake_server\(|\brun_app\(|\basyncio\.start_server\(|uvicorn\.run\(|\bserve\(|\.listen\(|\.launch\(/.exec(
				text ?? "",
			);
		if (text === null || !listens) continue;
		if (
			!/^\s*(?:from|import) (?:http|socketserver|wsgiref|asyncio|socket|aiohttp|tornado|waitress|uvicorn|hypercorn|gradio|cheroot|cherrypy|gevent|eventlet|twisted)\b/m.test(
				text,
			)
		)
			continue;
		return { file, line: lineOf(text, listens[0]), port: fixedPort(text) };
	}
	return null;
}

/** Python files near the top, those with a usual name first. */
async function pythonFiles(workspace: Workspace): Promise<string[]> {
	const found: string[] = [];
	for await (const { path } of workspace.walk(3000)) {
		if (
			path.endsWith(".py") &&
			path.split("/").length <= 3 &&
			!/(?:^|\/)(?:tests?|migrations|docs?|examples?)\//.test(path) &&
			!/(?:^|\/)(?:test_|conftest|setup\.py)/.test(path)
		)
			found.push(path);
		if (found.length >= 400) break;
	}
	return found.sort((a, b) => rank(a) - rank(b)).slice(0, maxFiles);
}

function rank(path: string): number {
	const parts = path.split("/");
	const name = (parts.at(-1) ?? "").replace(/\.py$/, "");
	const place = usualNames.indexOf(name === "__init__" ? "app" : name);
	return parts.length * 20 + (place < 0 ? usualNames.length : place);
}

/** "src/app/main.py" is the module "src.app.main"; a package is named by its folder. */
function moduleOf(file: string): string {
	return file
		.replace(/\.py$/, "")
		.replace(/\/__init__$/, "")
		.replaceAll("/", ".");
}
