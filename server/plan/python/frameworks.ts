/** What is known of a Python framework. Data; `providers/python.ts` turns it into a plan. */
export interface PythonFramework {
	/** Name in the package registry. */
	dependency: string;
	name: string;
	/** How servers call it; `self`: it listens by itself. */
	interface: "wsgi" | "asgi" | "self";
	/** Classes whose instance is the app. */
	classes: readonly string[];
	/** Port it listens on where the program names none. */
	port?: number;
}

/** First match wins: what builds on another framework stands before it. */
export const pythonFrameworks: readonly PythonFramework[] = [
	{ dependency: "fastapi", name: "FastAPI", interface: "asgi", classes: ["FastAPI"] },
	{ dependency: "litestar", name: "Litestar", interface: "asgi", classes: ["Litestar"] },
	{ dependency: "quart", name: "Quart", interface: "asgi", classes: ["Quart"] },
	{ dependency: "starlette", name: "Starlette", interface: "asgi", classes: ["Starlette"] },
	{ dependency: "flask", name: "Flask", interface: "wsgi", classes: ["Flask", "APIFlask"] },
	{ dependency: "bottle", name: "Bottle", interface: "wsgi", classes: ["Bottle"] },
	{ dependency: "falcon", name: "Falcon", interface: "wsgi", classes: ["App"] },
	{ dependency: "sanic", name: "Sanic", interface: "self", classes: ["Sanic"], port: 8000 },
	{ dependency: "aiohttp", name: "aiohttp", interface: "self", classes: ["Application"] },
	{ dependency: "tornado", name: "Tornado", interface: "self", classes: ["Application"] },
	{ dependency: "streamlit", name: "Streamlit", interface: "self", classes: [] },
	{ dependency: "gradio", name: "Gradio", interface: "self", classes: [], port: 7860 },
];
