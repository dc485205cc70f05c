import { withPort } from "../port.ts";
import type { PythonDependencies } from "./dependencies.ts";
import type { DjangoProject } from "./django.ts";
import type { PythonApp } from "./find-app.ts";
import type { PythonFramework } from "./frameworks.ts";

export interface PythonStart {
	command: string[];
	/** How it reads in a sentence. */
	text: string;
	/** Packages it needs that the project does not name. */
	extra: string[];
	/** Port it listens on whatever `PORT` says. */
	port: number | null;
	warnings: string[];
}

const plain: Omit<PythonStart, "command" | "text"> = { extra: [], port: null, warnings: [] };

/** How an app that was found is served: by the server the project names, else by the framework's own. */
export function startApp(framework: PythonFramework, app: PythonApp, dependencies: PythonDependencies): PythonStart {
	if (framework.interface === "self") return runFile(app, true);
	if (framework.interface === "asgi") return startAsgi(app, dependencies);
	const target = app.factory ? `${app.target}()` : app.target;
	if (dependencies.has("gunicorn"))
		// Gunicorn takes its port from PORT by itself.
		return { ...plain, command: ["gunicorn", target], text: `gunicorn ${target}` };
	if (dependencies.has("waitress")) {
		const call = app.factory ? ["--call", app.target] : [app.target];
		return { ...plain, command: withPort(`waitress-serve --port="$PORT"`, call), text: `waitress-serve ${call.join(" ")}` };
	}
	if (dependencies.has("uwsgi"))
		return {
			...plain,
			command: withPort(`uwsgi --master --die-on-term --http-socket ":$PORT" --module`, [target]),
			text: `uwsgi --module ${target}`,
		};
	if (framework.dependency !== "flask") return runFile(app, true);
	const development = "It runs on Flask's development server. Add gunicorn to the requirements for one that is made for visitors.";
	return {
		...plain,
		command: withPort(`flask --app "$1" run --host 0.0.0.0 --port "$PORT"`, [target]),
		text: `flask --app ${target} run`,
		warnings: [development],
	};
}

function startAsgi(app: PythonApp, dependencies: PythonDependencies): PythonStart {
	const factory = app.factory ? ["--factory"] : [];
	const uvicorn = {
		...plain,
		command: withPort(`uvicorn --host 0.0.0.0 --port "$PORT"`, [...factory, app.target]),
		text: `uvicorn ${[...factory, app.target].join(" ")}`,
	};
	if (dependencies.has("gunicorn") && dependencies.has("uvicorn"))
		return {
			...plain,
			command: ["gunicorn", "--worker-class", "uvicorn.workers.UvicornWorker", app.factory ? `${app.target}()` : app.target],
			text: `gunicorn with uvicorn workers, ${app.target}`,
		};
	const brings = dependencies.all.some(({ name, requirement }) => name === "fastapi" && /\[(?:standard|all)\b/.test(requirement));
	if (dependencies.has("uvicorn") || brings) return uvicorn;
	if (dependencies.has("hypercorn"))
		return { ...plain, command: withPort(`hypercorn --bind "0.0.0.0:$PORT"`, [app.target]), text: `hypercorn ${app.target}` };
	if (dependencies.has("daphne"))
		return { ...plain, command: withPort(`daphne -b 0.0.0.0 -p "$PORT"`, [app.target]), text: `daphne ${app.target}` };
	return { ...uvicorn, extra: ["uvicorn"], warnings: ["No server is among the dependencies: uvicorn is installed as well."] };
}

/** Django: by its WSGI module where gunicorn is named, by its ASGI module where an ASGI server is, else by its own. */
export function startDjango({ wsgi, asgi }: DjangoProject, dependencies: PythonDependencies): PythonStart {
	if (wsgi !== null && dependencies.has("gunicorn")) return { ...plain, command: ["gunicorn", wsgi], text: `gunicorn ${wsgi}` };
	if (asgi !== null && dependencies.has("uvicorn"))
		return {
			...plain,
			command: withPort(`uvicorn --host 0.0.0.0 --port "$PORT"`, [`${asgi}:application`]),
			text: `uvicorn ${asgi}:application`,
		};
	if (asgi !== null && dependencies.has("daphne"))
		return {
			...plain,
			command: withPort(`daphne -b 0.0.0.0 -p "$PORT"`, [`${asgi}:application`]),
			text: `daphne ${asgi}:application`,
		};
	return {
		...plain,
		command: withPort(`python manage.py runserver --noreload "0.0.0.0:$PORT"`),
		text: "manage.py runserver",
		warnings: ["It runs on Django's development server. Add gunicorn to the requirements for one that is made for visitors."],
	};
}

/** The file itself, by the project's own Python or by the machine's. */
export function runFile(app: Pick<PythonApp, "file" | "port">, installed: boolean): PythonStart {
	const python = installed ? "python" : "python3";
	return { ...plain, command: [python, app.file], text: `python ${app.file}`, port: app.port };
}
