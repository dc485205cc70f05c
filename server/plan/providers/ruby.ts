import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { rubyImage } from "../dockerfiles/ruby.ts";
import { languageProvider } from "../language-plan.ts";
import { fixedPort, withPort } from "../port.ts";
import { lineOf } from "../provider.ts";
import { type RubyProject, readRuby } from "../ruby.ts";

interface Shape {
	framework: string;
	/** How it is called in the sentence. */
	called: string;
	start: string[];
	/** How the start reads. */
	text: string;
	build?: string[];
	port?: number | null;
	env?: Record<string, string>;
	expects?: string[];
	confidence: number;
	evidence: Evidence[];
	warnings?: string[];
}

/** Ruby programs that listen: Rails, Sinatra, whatever has a config.ru, and servers of the standard library. */
export const rubyProvider = languageProvider({
	name: "ruby",
	called: "Ruby",
	signs: ["Gemfile", "config.ru"],
	image: rubyImage,
	async detect(workspace) {
		const project = await readRuby(workspace);
		const shape =
			(await rails(workspace, project)) ??
			(await sinatra(workspace, project)) ??
			(await rack(workspace, project)) ??
			(await plain(workspace, project));
		if (shape === null) return null;
		return {
			language: "Ruby",
			framework: shape.framework,
			summary: `Detected ${[shape.called, project.version && `Ruby ${project.version}`, project.install && "Bundler"].filter(Boolean).join(", ")}, starts with ${shape.text}`,
			kind: "process",
			install: project.install,
			build: shape.build ?? null,
			start: shape.start,
			port: shape.port ?? null,
			tools: project.tools,
			env: { ...project.env, ...shape.env },
			expects: shape.expects ?? [],
			confidence: shape.confidence,
			evidence: [...shape.evidence, ...project.seen],
			warnings: [...(shape.warnings ?? []), ...project.warnings],
		};
	},
});

async function rails(workspace: Workspace, project: RubyProject): Promise<Shape | null> {
	const config = await workspace.read("config/application.rb");
	if (config === null || !(project.has("rails") || project.has("railties"))) return null;
	const assets = project.has("sprockets-rails") || project.has("propshaft");
	return {
		framework: "Rails",
		called: "Rails application",
		// Rails takes its port from PORT by itself.
		start: project.run("rails", "server", "-b", "0.0.0.0"),
		text: "rails server",
		...(assets && { build: ["sh", "-c", "SECRET_KEY_BASE_DUMMY=1 exec bundle exec rails assets:precompile"] }),
		env: { RAILS_ENV: "production", RAILS_LOG_TO_STDOUT: "1", RAILS_SERVE_STATIC_FILES: "1" },
		expects: (await workspace.isFile("config/credentials.yml.enc")) ? ["RAILS_MASTER_KEY"] : ["SECRET_KEY_BASE"],
		confidence: 0.97,
		evidence: [
			project.evidence("rails", "Uses Rails"),
			{ file: "config/application.rb", line: lineOf(config, "class Application"), means: "A Rails application" },
		],
		warnings: [
			"Database migrations are not run: add them to the start command where they are wanted.",
			"A preview is reached over http: with config.force_ssl Rails answers it by leading elsewhere.",
		],
	};
}

async function sinatra(workspace: Workspace, project: RubyProject): Promise<Shape | null> {
	if (!project.has("sinatra") || (await workspace.isFile("config.ru"))) return null;
	for (const file of ["app.rb", "server.rb", "main.rb", "web.rb", "index.rb"]) {
		const text = await workspace.read(file);
		const line = text === null ? null : (lineOf(text, "sinatra") ?? null);
		if (text === null || line === null) continue;
		return {
			framework: "Sinatra",
			called: "Sinatra application",
			// Sinatra takes its port from PORT by itself, its address from the arguments.
			start: project.run("ruby", file, "-o", "0.0.0.0"),
			text: `ruby ${file}`,
			env: { APP_ENV: "production" },
			confidence: 0.95,
			evidence: [project.evidence("sinatra", "Uses Sinatra"), { file, line, means: "The Sinatra app" }],
		};
	}
	return null;
}

async function rack(workspace: Workspace, project: RubyProject): Promise<Shape | null> {
	const text = await workspace.read("config.ru");
	if (text === null) return null;
	const framework = (["sinatra", "hanami", "roda", "grape"] as const).find((gem) => project.has(gem));
	const name = framework === undefined ? "Rack" : framework[0]?.toUpperCase() + framework.slice(1);
	const bundle = project.gemfile === null ? "" : "bundle exec ";
	const server = project.has("puma") ? 'puma --bind "tcp://0.0.0.0:$PORT" config.ru' : 'rackup --host 0.0.0.0 --port "$PORT" config.ru';
	return {
		framework: name,
		called: `${name} application`,
		start: withPort(`${bundle}${server}`),
		text: server.split(" ")[0] ?? server,
		env: { RACK_ENV: "production" },
		confidence: 0.95,
		evidence: [
			...(framework === undefined ? [] : [project.evidence(framework, `Uses ${name}`)]),
			{ file: "config.ru", line: lineOf(text, "run "), means: "An app that Rack servers run" },
		],
		warnings: project.gemfile === null ? ["There is no Gemfile: rack and a server must be installed on the machine."] : [],
	};
}

async function plain(workspace: Workspace, project: RubyProject): Promise<Shape | null> {
	for (const file of ["server.rb", "app.rb", "main.rb", "web.rb", "index.rb", "bin/server"]) {
		const text = await workspace.read(file);
		const listens =
			/\bTCPServer\b|WEBrick::HTTPServer|\bSocket\.tcp_server_loop\b|Async::HTTP::Server|\bRack(?:up)?::(?:Handler|Server)\b/.exec(
				text ?? "",
			);
		if (text === null || !listens) continue;
		return {
			framework: "Ruby",
			called: "a Ruby server",
			start: project.run("ruby", file),
			text: `ruby ${file}`,
			port: fixedPort(text),
			confidence: 0.8,
			evidence: [{ file, line: lineOf(text, listens[0]), means: "A program that listens" }],
			warnings: /WEBrick/.test(text) && !project.has("webrick") ? ["Ruby 3 comes without WEBrick: add the gem webrick to a Gemfile."] : [],
		};
	}
	return null;
}
