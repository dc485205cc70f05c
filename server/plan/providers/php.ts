import { z } from "zod";
import type { Evidence, Tool } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { phpImage } from "../dockerfiles/php.ts";
import { languageProvider } from "../language-plan.ts";
import { lowestVersion } from "../lowest-version.ts";
import { withPort } from "../port.ts";
import { lineOf } from "../provider.ts";

interface Shape {
	framework: string;
	/** Folder that is served. */
	root: string;
	start: string[];
	confidence: number;
	evidence: Evidence[];
	expects: string[];
	warnings: string[];
}

/** PHP apps on PHP's own server: Laravel, Symfony, and pages that begin with an index.php. */
export const phpProvider = languageProvider({
	name: "php",
	called: "PHP",
	signs: ["composer.json"],
	image: phpImage,
	async detect(workspace) {
		const composer = await readComposer(workspace);
		const shape = await detectShape(workspace, composer);
		if (shape === null) return null;
		const php = await phpVersion(workspace, composer);
		const tools: Tool[] = [{ name: "php", version: php.version }];
		const needs = composer !== null && Object.keys(composer.require).some((name) => name.includes("/"));
		if (needs) tools.push({ name: "composer", version: null });
		const called = shape.framework === "PHP" ? "a PHP site" : `${shape.framework} application`;
		return {
			language: "PHP",
			framework: shape.framework,
			summary: `Detected ${called}${php.version === null ? "" : `, PHP ${php.version}`}${needs ? ", Composer" : ""}, serves ${shape.root}`,
			kind: "process",
			install: needs ? ["composer", "install", "--no-dev", "--no-interaction", "--prefer-dist", "--optimize-autoloader"] : null,
			start: shape.start,
			tools,
			env: { PHP_CLI_SERVER_WORKERS: "4" },
			expects: shape.expects,
			confidence: shape.confidence,
			evidence: [...shape.evidence, ...php.evidence],
			warnings:
				needs && !(await workspace.isFile("composer.lock"))
					? [...shape.warnings, "There is no lockfile: each build may get other versions of the dependencies."]
					: shape.warnings,
		};
	},
});

const composerSchema = z.object({ require: z.record(z.string(), z.string()).catch({}) });
type Composer = z.infer<typeof composerSchema> & { text: string };

async function readComposer(workspace: Workspace): Promise<Composer | null> {
	const text = await workspace.read("composer.json");
	if (text === null) return null;
	try {
		return { ...composerSchema.parse(JSON.parse(text)), text };
	} catch {
		return null;
	}
}

async function phpVersion(workspace: Workspace, composer: Composer | null): Promise<{ version: string | null; evidence: Evidence[] }> {
	const file = /^\s*(\d+\.\d+)/.exec((await workspace.read(".php-version", 100)) ?? "")?.[1];
	if (file !== undefined) return { version: file, evidence: [{ file: ".php-version", line: 1, means: `PHP ${file} or newer` }] };
	const asked = composer?.require.php;
	const version = asked === undefined ? null : lowestVersion(asked);
	if (version === null || composer === null) return { version: null, evidence: [] };
	return { version, evidence: [{ file: "composer.json", line: lineOf(composer.text, '"php"'), means: `PHP ${version} or newer` }] };
}

async function detectShape(workspace: Workspace, composer: Composer | null): Promise<Shape | null> {
	const uses = (name: string, means: string): Evidence => ({
		file: "composer.json",
		line: lineOf(composer?.text ?? "", `"${name}"`),
		means,
	});
	const requires = (name: string) => composer !== null && Object.hasOwn(composer.require, name);
	if (requires("laravel/framework") && (await workspace.isFile("artisan")))
		return {
			framework: "Laravel",
			root: "public",
			start: withPort('php artisan serve --host=0.0.0.0 --port="$PORT"'),
			confidence: 0.97,
			evidence: [uses("laravel/framework", "Uses Laravel"), { file: "artisan", line: null, means: "Laravel's command" }],
			expects: ["APP_KEY"],
			warnings: ["Database migrations are not run: add them to the start command where they are wanted."],
		};
	const known: [string, string][] = [
		["symfony/framework-bundle", "Symfony"],
		["slim/slim", "Slim"],
		["cakephp/cakephp", "CakePHP"],
		["codeigniter4/framework", "CodeIgniter"],
		["laravel/lumen-framework", "Lumen"],
	];
	const framework = known.find(([name]) => requires(name));
	for (const root of ["public", ".", "web", "www", "htdocs", "webroot"]) {
		const file = root === "." ? "index.php" : `${root}/index.php`;
		if (!(await workspace.isFile(file))) continue;
		return {
			framework: framework?.[1] ?? "PHP",
			root: root === "." ? "the app's folder" : root,
			start: withPort(`php -S "0.0.0.0:$PORT" -t ${root}`),
			confidence: framework ? 0.97 : composer !== null || root === "." ? 0.9 : 0.8,
			evidence: [
				...(framework ? [uses(framework[0], `Uses ${framework[1]}`)] : []),
				{ file, line: null, means: "The page that answers first" },
			],
			expects: framework?.[1] === "Symfony" ? ["APP_SECRET"] : [],
			warnings: [],
		};
	}
	return null;
}
