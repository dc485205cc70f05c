import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { compiledProgram } from "../compiled.ts";
import { goImage } from "../dockerfiles/go.ts";
import { findGoMains, type GoMain } from "../go/find-main.ts";
import { type LanguagePlan, languageProvider } from "../language-plan.ts";
import { lineOf } from "../provider.ts";

/** Modules of well-known servers, the first that is required names the plan. */
const frameworks: [string, string][] = [
	["github.com/gin-gonic/gin", "Gin"],
	["github.com/labstack/echo", "Echo"],
	["github.com/gofiber/fiber", "Fiber"],
	["github.com/go-chi/chi", "Chi"],
	["github.com/gorilla/mux", "Gorilla"],
	["github.com/beego/beego", "Beego"],
	["github.com/valyala/fasthttp", "fasthttp"],
	["github.com/pocketbase/pocketbase", "PocketBase"],
];

/** Go modules with a program in them. */
export const goProvider = languageProvider({
	name: "go",
	called: "Go",
	signs: ["go.mod"],
	image: goImage,
	async detect(workspace) {
		const module = await workspace.read("go.mod");
		if (module === null) return null;
		const [main, ...others] = await findGoMains(workspace);
		return main === undefined ? null : planFor(workspace, module, main, others);
	},
});

async function planFor(workspace: Workspace, module: string, main: GoMain, others: readonly GoMain[]): Promise<LanguagePlan> {
	const asked = /^go\s+(\d+\.\d+(?:\.\d+)?)/m.exec(module)?.[1] ?? null;
	const known = frameworks.find(([path]) => module.includes(path));
	const vendored = await workspace.isFile("vendor/modules.txt");
	const needsModules = /^\s*require\b/m.test(module);
	const evidence: Evidence[] = [{ file: "go.mod", line: lineOf(module, "module "), means: "A Go module" }];
	if (known) evidence.push({ file: "go.mod", line: lineOf(module, known[0]), means: `Uses ${known[1]}` });
	evidence.push({ file: main.file, line: main.line, means: main.listens ? "A program that listens" : "A program" });
	if (asked !== null)
		evidence.push({
			file: "go.mod",
			line: lineOf(module, "\ngo ") === null ? null : (lineOf(module, "\ngo ") ?? 0) + 1,
			means: `Go ${asked} or newer`,
		});
	if (vendored) evidence.push({ file: "vendor/modules.txt", line: 1, means: "Dependencies lie in vendor: nothing is fetched" });
	const warnings: string[] = [];
	if (others.length > 0)
		warnings.push(
			`There are other programs too: ${others
				.slice(0, 5)
				.map((other) => other.package)
				.join(", ")}. ${main.package} is built.`,
		);
	if (needsModules && !vendored && !(await workspace.isFile("go.sum"))) warnings.push("There is no go.sum: run go mod tidy and commit it.");
	if (!main.listens) warnings.push(`Nothing in ${main.file} seems to listen on a port.`);
	const framework = known?.[1] ?? "Go";
	const called = known === undefined ? "a Go server" : `${known[1]} application`;
	return {
		language: "Go",
		framework,
		summary: `Detected ${called}${asked === null ? "" : `, Go ${asked}`}, builds ${main.package}`,
		kind: "process",
		install: needsModules && !vendored ? ["go", "mod", "download"] : null,
		build: ["go", "build", "-o", compiledProgram, main.package],
		start: [`./${compiledProgram}`],
		port: main.port,
		tools: [{ name: "go", version: asked }],
		env: framework === "Gin" ? { GIN_MODE: "release" } : {},
		confidence: main.listens ? 0.96 : 0.6,
		evidence,
		warnings,
	};
}
