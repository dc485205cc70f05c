import type { Plan, Tool, ToolName } from "../../lib/protocol/index.ts";

/** Programs that come with a tool, by the name they are called by. */
const toolOfProgram: Readonly<Record<string, ToolName>> = {
	node: "node",
	npm: "npm",
	npx: "npm",
	pnpm: "pnpm",
	pnpx: "pnpm",
	yarn: "yarn",
	bun: "bun",
	bunx: "bun",
	deno: "deno",
	python: "python",
	python3: "python",
	pip: "pip",
	go: "go",
	php: "php",
	composer: "composer",
	ruby: "ruby",
	bundle: "bundler",
	jekyll: "jekyll",
	rails: "ruby",
	cargo: "rust",
	java: "java",
	mvn: "maven",
	gradle: "gradle",
	hugo: "hugo",
	zola: "zola",
};

/** Adds the tools that the commands of a plan call and that it does not name yet, and `others`, in any version. */
export function withTools(plan: Plan, others: readonly ToolName[] = []): Plan {
	const commands = [plan.install, plan.build, plan.test, plan.start];
	const called = [...commands.flatMap((command) => (command === null ? [] : toolsOf(command))), ...others];
	const needsNode = called.some((name) => name === "npm" || name === "pnpm" || name === "yarn") || plan.nodeVersion !== null;
	const wanted = new Set<ToolName>([...(needsNode ? (["node"] as const) : []), ...called]);
	const added = [...wanted]
		.filter((name) => !plan.tools.some((tool) => tool.name === name))
		.map((name): Tool => ({ name, version: name === "node" ? plan.nodeVersion : null }));
	const tools = [...plan.tools, ...added].slice(0, 8);
	const nodeVersion = plan.nodeVersion ?? (tools.some(({ name }) => name === "node") ? "24" : null);
	return { ...plan, nodeVersion, tools: tools.map((tool) => (tool.name === "node" ? { name: "node", version: nodeVersion } : tool)) };
}

/** The known tools a command calls: its program, or those in the text of a shell. */
export function toolsOf(command: readonly string[]): ToolName[] {
	const [program = "", flag, text] = command;
	const words = program === "sh" && flag === "-c" ? (text ?? "").split(/[\s;&|()]+/) : program === "env" ? command.slice(1) : [program];
	return [...new Set(words.flatMap((word) => (Object.hasOwn(toolOfProgram, word) ? [toolOfProgram[word] as ToolName] : [])))];
}
