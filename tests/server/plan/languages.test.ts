import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { detectPlans, explainNothing } from "#server/plan/detect.ts";
import { lowestVersion } from "#server/plan/lowest-version.ts";
import { fixedPort } from "#server/plan/port.ts";
import { openWorkspace } from "#server/source/workspace.ts";

let dir: string;
let count = 0;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "quayside-languages-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

async function workspaceOf(files: Files) {
	const root = join(dir, String(count++));
	await mkdir(root);
	for (const [path, content] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), { recursive: true });
		await writeFile(join(root, path), content);
	}
	return openWorkspace(root, null);
}

async function planOf(files: Files) {
	const [plan] = await detectPlans(await workspaceOf(files));
	if (!plan) throw new Error("no plan was found");
	return plan;
}

const flask = "from flask import Flask\napp = Flask(__name__)\n";
const fastapi = "from fastapi import FastAPI\napi: FastAPI = FastAPI()\n";

describe("Python", () => {
	test.each<[string, Files, object]>([
		["gunicorn where it is named", { "requirements.txt": "flask\ngunicorn\n", "app.py": flask }, { start: ["gunicorn", "app:app"] }],
		[
			"Flask's own server, with a warning, where none is",
			{ "requirements.txt": "Flask>=3\n", "web/main.py": flask },
			{
				start: ["sh", "-c", 'exec flask --app "$1" run --host 0.0.0.0 --port "$PORT"', "start", "web.main:app"],
				warnings: expect.arrayContaining([expect.stringContaining("development server")]),
			},
		],
		[
			"a factory",
			{
				"requirements.txt": "flask\ngunicorn\n",
				"shop/__init__.py": "from flask import Flask\n\ndef create_app():\n    return Flask(__name__)\n",
			},
			{ start: ["gunicorn", "shop:create_app()"] },
		],
		[
			"uvicorn for FastAPI",
			{ "requirements.txt": "fastapi[standard]\n", "app/main.py": fastapi },
			{ framework: "FastAPI", start: ["sh", "-c", 'exec uvicorn --host 0.0.0.0 --port "$PORT" "$@"', "start", "app.main:api"] },
		],
		[
			"uvicorn is installed where no server is named",
			{ "requirements.txt": "starlette\n", "main.py": "from starlette.applications import Starlette\napp = Starlette()\n" },
			{ framework: "Starlette", install: ["sh", "-c", expect.stringMatching(/pip install -r requirements\.txt && pip install uvicorn$/)] },
		],
		[
			"gunicorn with uvicorn's workers where both are named",
			{ "requirements.txt": "fastapi\ngunicorn\nuvicorn[standard]\n", "main.py": fastapi },
			{ start: ["gunicorn", "--worker-class", "uvicorn.workers.UvicornWorker", "main:api"] },
		],
		[
			"a program of the standard library on a port of its own",
			{
				"serve.py":
					'from http.server import HTTPServer, SimpleHTTPRequestHandler\nHTTPServer(("", 9000), SimpleHTTPRequestHandler).serve_forever()\n',
			},
			{ start: ["python3", "serve.py"], install: null, port: 9000, tools: [{ name: "python", version: null }] },
		],
		[
			"Gradio on its usual port",
			{ "requirements.txt": "gradio\n", "app.py": "import gradio as gr\ngr.Interface(f, 'text', 'text').launch()\n" },
			{ framework: "Gradio", start: ["python", "app.py"], port: 7860 },
		],
		["Streamlit", { "requirements.txt": "streamlit\n", "streamlit_app.py": "" }, { framework: "Streamlit", healthPath: "/" }],
	])("%s", async (_name, files, expected) => {
		expect(await planOf(files)).toMatchObject({ provider: "python", language: "Python", kind: "process", ...expected });
	});

	test.each<[string, Files, string]>([
		["uv", { "pyproject.toml": '[project]\nname = "x"\ndependencies = ["flask"]\n', "uv.lock": "" }, "uv sync --frozen"],
		[
			"Poetry",
			{ "pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^3"\n', "poetry.lock": "" },
			"poetry install --only main",
		],
		["Poetry without a lockfile", { "pyproject.toml": '[tool.poetry.dependencies]\nflask = "^3"\n' }, "poetry install"],
		["PDM", { "pyproject.toml": '[project]\nname = "x"\ndependencies = ["flask"]\n', "pdm.lock": "" }, "pdm sync --prod"],
		["Pipenv", { Pipfile: '[packages]\nflask = "*"\n', "Pipfile.lock": "{}" }, "pipenv sync"],
		[
			"pip by pyproject.toml",
			{ "pyproject.toml": '[project]\nname = "x"\ndependencies = ["flask>=3; python_version > \'3\'"]\n' },
			'pip install "$@"',
		],
		[
			"a package",
			{ "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "x"\ndependencies = ["flask"]\n' },
			"pip install .",
		],
	])("installs with %s", async (_name, files, command) => {
		const plan = await planOf({ ...files, "app.py": flask });
		expect(plan.install?.[2]).toContain(command);
		expect(plan.tools).toEqual([expect.objectContaining({ name: "python" }), { name: "pip", version: null }]);
	});

	test("what a repository lists reaches a shell as arguments only", async () => {
		const plan = await planOf({
			"pyproject.toml": '[project]\nname = "x"\ndependencies = ["flask", "--index-url http://evil", "$(id)", "a b; rm -rf /"]\n',
			"app.py": flask,
		});
		expect(plan.install).toEqual(["sh", "-c", 'python3 -m venv .venv && . .venv/bin/activate && pip install "$@"', "pip", "flask"]);
	});

	test.each<[Files, string | null]>([
		[{ ".python-version": "3.12.4\n" }, "3.12"],
		[{ "runtime.txt": "python-3.9.18" }, "3.9"],
		[{ "pyproject.toml": '[project]\nname="x"\nrequires-python = ">=3.10,<4"\n' }, "3.10"],
		[{ "pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\n' }, "3.11"],
		[{ Pipfile: '[requires]\npython_version = "3.8"\n' }, "3.8"],
		[{ ".python-version": "system" }, null],
	])("%j asks for %s", async (files, version) => {
		const plan = await planOf({ ...files, "requirements.txt": "flask\n", "app.py": flask });
		expect(plan.tools[0]).toEqual({ name: "python", version });
	});

	test("Django stays Django when a package.json builds its styles, and says what it needs", async () => {
		const plan = await planOf({
			"package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}',
			"requirements.txt": "django\n",
			"manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n',
			"site/settings.py": 'KEY = os.environ["SECRET_KEY"]\nALLOWED_HOSTS = ["example.com"]\n',
			"site/wsgi.py": "application = get_wsgi_application()\n",
		});
		expect(plan).toMatchObject({ framework: "Django", build: null, expects: ["SECRET_KEY"] });
		expect(plan.start).toEqual(["sh", "-c", 'exec python manage.py runserver --noreload "0.0.0.0:$PORT"']);
		expect(plan.warnings.join()).toMatch(/migrations.*ALLOWED_HOSTS.*gunicorn|gunicorn.*migrations.*ALLOWED_HOSTS/);
	});

	test("a Procfile decides how it starts", async () => {
		const files = { "requirements.txt": "flask\ngunicorn\n", "app.py": flask, Procfile: "web: gunicorn app:app --workers 2\n" };
		const [plan, ...others] = await detectPlans(await workspaceOf(files));
		expect(plan).toMatchObject({ provider: "python", start: ["gunicorn", "app:app", "--workers", "2"] });
		expect(plan?.summary).toBe("Detected Flask application, pip, starts with gunicorn app:app --workers 2");
		expect(others).toEqual([]);
	});
});

describe("Go", () => {
	const listens = 'package main\n\nfunc main() {\n\thttp.ListenAndServe(":9090", nil)\n}\n';
	const mod = (rest = "") => `module example.com/x\n\ngo 1.22\n${rest}`;

	test("the program is found, in the root or below cmd, and its port", async () => {
		expect(await planOf({ "go.mod": mod(), "main.go": listens })).toMatchObject({
			build: ["go", "build", "-o", ".quayside/app", "."],
			install: null,
			port: 9090,
			tools: [{ name: "go", version: "1.22" }],
		});
		const several = await planOf({ "go.mod": mod(), "cmd/tool/main.go": "package main\nfunc main() {}\n", "cmd/api/main.go": listens });
		expect(several.build?.at(-1)).toBe("./cmd/api");
		expect(several.warnings.join()).toContain("./cmd/tool");
	});

	test("modules are fetched unless they are in vendor", async () => {
		const gin = mod("require github.com/gin-gonic/gin v1.10.0\n");
		expect(await planOf({ "go.mod": gin, "go.sum": "", "main.go": listens })).toMatchObject({
			framework: "Gin",
			install: ["go", "mod", "download"],
			env: { GIN_MODE: "release" },
		});
		expect(await planOf({ "go.mod": gin, "vendor/modules.txt": "", "main.go": listens })).toMatchObject({ install: null });
	});

	test("a library is no program", async () => {
		expect(await detectPlans(await workspaceOf({ "go.mod": mod(), "x.go": "package x\n" }))).toEqual([]);
	});
});

describe("PHP, Ruby, Rust and Java", () => {
	test.each<[string, Files, object]>([
		["PHP pages", { "index.php": "<?php" }, { start: ["sh", "-c", 'exec php -S "0.0.0.0:$PORT" -t .'], install: null }],
		[
			"Laravel",
			{
				"composer.json": '{"require": {"php": "^8.2", "laravel/framework": "^11"}}',
				artisan: "",
				"public/index.php": "",
				"package.json": '{"scripts":{"build":"vite build"},"devDependencies":{"vite":"6"}}',
			},
			{
				framework: "Laravel",
				expects: ["APP_KEY"],
				tools: [
					{ name: "php", version: "8.2" },
					{ name: "composer", version: null },
				],
			},
		],
		[
			"Symfony",
			{ "composer.json": '{"require": {"symfony/framework-bundle": "7.*"}}', "public/index.php": "" },
			{ framework: "Symfony", install: expect.arrayContaining(["composer", "--no-dev"]) },
		],
		[
			"Rails",
			{
				Gemfile: 'ruby "3.3.0"\ngem "rails", "~> 8"\ngem "propshaft"\n',
				"Gemfile.lock": "",
				"config/application.rb": "class Application\n",
				"config/credentials.yml.enc": "",
				"config.ru": "run Rails.application",
			},
			{
				framework: "Rails",
				start: ["bundle", "exec", "rails", "server", "-b", "0.0.0.0"],
				expects: ["RAILS_MASTER_KEY"],
				tools: [
					{ name: "ruby", version: "3.3" },
					{ name: "bundler", version: null },
				],
				env: { BUNDLE_PATH: "vendor/bundle", RAILS_ENV: "production" },
			},
		],
		[
			"Sinatra",
			{ Gemfile: 'gem "sinatra"\n', "app.rb": 'require "sinatra"\n' },
			{ framework: "Sinatra", start: ["bundle", "exec", "ruby", "app.rb", "-o", "0.0.0.0"] },
		],
		[
			"Rack with Puma",
			{ Gemfile: 'gem "rack"\ngem "puma"\n', "config.ru": "run App\n" },
			{ framework: "Rack", start: ["sh", "-c", 'exec bundle exec puma --bind "tcp://0.0.0.0:$PORT" config.ru'] },
		],
		[
			"a Ruby socket",
			{ "server.rb": "require 'socket'\nTCPServer.new(4000)\n" },
			{ framework: "Ruby", start: ["ruby", "server.rb"], port: 4000 },
		],
		[
			"Axum",
			{
				"Cargo.toml": '[package]\nname = "api"\nedition = "2024"\n[dependencies]\naxum = "0.8"\n',
				"src/main.rs": 'let l = TcpListener::bind("0.0.0.0:3000");',
			},
			{ framework: "Axum", port: 3000, tools: [{ name: "rust", version: "1.85" }], start: ["./.quayside/app"] },
		],
		[
			"a Cargo workspace",
			{
				"Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
				"Cargo.lock": "",
				"crates/lib/Cargo.toml": '[package]\nname = "lib"\n',
				"crates/web/Cargo.toml": '[package]\nname = "web"\n[dependencies]\nactix-web = "4"\n',
				"crates/web/src/main.rs": "HttpServer::new(x)",
			},
			{
				framework: "Actix Web",
				build: ["sh", "-c", expect.stringContaining('cargo build --release --locked --package "$2" --bin "$1"'), "build", "web", "web"],
			},
		],
		[
			"Rocket",
			{ "Cargo.toml": '[package]\nname = "r"\n[dependencies]\nrocket = "0.5"\n', "src/main.rs": "#[launch]" },
			{ start: ["sh", "-c", expect.stringContaining('ROCKET_PORT="$PORT" ./.quayside/app')] },
		],
		[
			"Spring Boot with Maven",
			{
				"pom.xml":
					"<project><parent><groupId>org.springframework.boot</groupId></parent><properties><java.version>21</java.version></properties></project>",
			},
			{
				framework: "Spring Boot",
				build: ["mvn", "--batch-mode", "-DskipTests", "package"],
				tools: [
					{ name: "java", version: "21" },
					{ name: "maven", version: null },
				],
			},
		],
		[
			"Quarkus with Gradle's wrapper",
			{ "build.gradle.kts": 'plugins { id("io.quarkus") }\nkotlin { jvmToolchain(17) }', gradlew: "" },
			{
				framework: "Quarkus",
				tools: [{ name: "java", version: "17" }],
				start: ["sh", "-c", expect.stringContaining("-jar build/quarkus-app/quarkus-run.jar")],
			},
		],
		[
			"one Java file",
			{ "Main.java": "class Main { public static void main(String[] a) { HttpServer.create(new InetSocketAddress(8000), 0); } }" },
			{ build: null, start: ["java", "Main.java"], port: 8000 },
		],
	])("%s", async (_name, files, expected) => {
		expect(await planOf(files)).toMatchObject({ kind: "process", ...expected });
	});
});

describe("Deno and Bun", () => {
	test.each<[string, Files, object]>([
		[
			"a task starts it",
			{
				"deno.jsonc": '{\n// x\n"tasks": {"start": "deno run -A main.ts"}, "imports": {"@oak/oak": "jsr:@oak/oak@17"}}',
				"deno.lock": "{}",
			},
			{ framework: "Oak", install: ["deno", "install", "--frozen"], start: ["deno", "task", "start"] },
		],
		[
			"a module that exports fetch",
			{ "deno.json": "{}", "main.ts": "export default { fetch: () => new Response() };" },
			{ start: ["sh", "-c", 'exec deno serve --allow-all --host 0.0.0.0 --port "$PORT" "$@"', "start", "main.ts"] },
		],
		[
			"a program that reads PORT",
			{ "main.ts": 'Deno.serve({ port: Number(Deno.env.get("PORT")) }, f);' },
			{ start: ["deno", "run", "--allow-all", "main.ts"], port: null },
		],
	])("Deno: %s", async (_name, files, expected) => {
		expect(await planOf(files)).toMatchObject({ provider: "deno", nodeVersion: null, ...expected });
	});

	test.each<[string, Files, object]>([
		[
			"a start script with Bun",
			{
				"package.json": '{"scripts": {"start": "bun run src/index.ts"}, "dependencies": {"elysia": "1"}}',
				"bun.lock": "{}",
				"src/index.ts": "",
			},
			{ framework: "Elysia on Bun", install: ["bun", "install", "--frozen-lockfile"], start: ["bun", "run", "src/index.ts"] },
		],
		[
			"a program that calls Bun's server",
			{ "index.ts": "Bun.serve({ port: 3000, fetch })" },
			{ start: ["bun", "run", "index.ts"], port: 3000 },
		],
		[
			"a module made for Bun",
			{
				"package.json": '{"packageManager": "bun@1.2.3", "module": "src/a.ts", "devDependencies": {"@types/bun": "1"}}',
				"src/a.ts": "export default app;",
			},
			{ start: ["bun", "run", "src/a.ts"], tools: [{ name: "bun", version: "1.2.3" }] },
		],
	])("Bun: %s", async (_name, files, expected) => {
		expect(await planOf(files)).toMatchObject({ provider: "bun", nodeVersion: null, ...expected });
	});

	test("Bun as a package manager alone does not make a program of Bun's", async () => {
		const plan = await planOf({
			"package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}',
			"bun.lock": "{}",
		});
		expect(plan).toMatchObject({ provider: "node", kind: "static", packageManager: "bun" });
	});
});

describe("sites without Node", () => {
	test.each<[string, Files, object]>([
		[
			"Hugo",
			{ "config.toml": 'baseURL = "https://x"\n', "content/a.md": "", "layouts/index.html": "" },
			{ build: ["hugo", "--minify", "--baseURL", "/"], output: "public", tools: [{ name: "hugo", version: null }] },
		],
		[
			"Zola",
			{ "config.toml": 'base_url = "https://x"\n', "content/_index.md": "" },
			{ build: ["zola", "build", "--base-url", "/"], output: "public" },
		],
		[
			"MkDocs",
			{ "mkdocs.yml": "site_name: x\n" },
			{ build: ["mkdocs", "build"], output: "site", install: ["sh", "-c", expect.stringMatching(/pip install mkdocs$/)] },
		],
		[
			"Jekyll",
			{ "_config.yml": "title: x\n", Gemfile: 'gem "jekyll"\n' },
			{ build: ["bundle", "exec", "jekyll", "build", "--baseurl", ""], output: "_site" },
		],
		[
			"Jekyll",
			{ "_config.yml": "theme: minima\n" },
			{
				build: ["jekyll", "build", "--baseurl", ""],
				tools: [expect.objectContaining({ name: "ruby" }), { name: "jekyll", version: null }],
			},
		],
	])("%s", async (framework, files, expected) => {
		expect(await planOf(files)).toMatchObject({ framework, kind: "static", start: null, ...expected });
	});
});

test("a project whose program is not found is named with its language and with what to do", async () => {
	const workspace = await workspaceOf({ "requirements.txt": "requests\n", "tool.py": "print(1)\n" });
	expect(await detectPlans(workspace)).toEqual([]);
	expect(await explainNothing(workspace)).toMatchObject({
		code: "nothing_deployable",
		message: "requirements.txt says that this is a project in Python, but no program in it was found that listens for requests.",
		action: expect.stringContaining("Procfile"),
	});
});

test.each([
	[">=3.10,<4", "3.10"],
	["^8.1 || ^7.4", "7.4"],
	["~> 3.2.1", "3.2.1"],
	["~=3.9", "3.9"],
	["==3.11.*", "3.11"],
	["3.12", "3.12"],
	["1.70", "1.70"],
	[">=3.8, !=3.8.1", "3.8"],
	["*", null],
	["", null],
	["latest", null],
	["; rm -rf /", null],
])("the lowest version of %j is %s", (range, lowest) => {
	expect(lowestVersion(range)).toBe(lowest);
});

test.each([
	['http.ListenAndServe(":8080", nil)', 8080],
	['app.run(host="0.0.0.0", port=5000)', 5000],
	['port := os.Getenv("PORT")\nr.Run(":8080")', null],
	["new InetSocketAddress(8000)", 8000],
	["TCPServer.new('0.0.0.0', 2000)", 2000],
	['HttpServer::new(f).bind("127.0.0.1:7000")', 7000],
	["Deno.serve({ port: 4000 }, f)", 4000],
	["print('hello')", null],
])("the port of %j is %s", (text, port) => {
	expect(fixedPort(text)).toBe(port);
});
