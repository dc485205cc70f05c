import type { ToolName } from "../../lib/protocol/index.ts";

/** The tools that come from the machine itself and not from the package registry. */
export type SystemToolName = Exclude<ToolName, "node" | "npm" | "pnpm" | "yarn" | "bun" | "deno">;

/** How a tool of the machine is found, asked for its version, and named to people. Data. */
export interface SystemProgram {
	/** What people call it. */
	name: string;
	/** File that is looked for in the folders builds see. */
	program: string;
	/** Arguments that make it print its version. */
	ask: readonly string[];
	/** Finds the version in what it printed. */
	version: RegExp;
	/** Debian's package. */
	debian: string;
	/** Fetches the version a project asks for by itself from this one on. */
	selfUpdatingFrom?: string;
}

const plainVersion = /(\d+(?:\.\d+)+)/;

export const systemPrograms: Readonly<Record<SystemToolName, SystemProgram>> = {
	python: { name: "Python", program: "python3", ask: ["--version"], version: plainVersion, debian: "python3" },
	// Debian's Python comes without what makes a virtual environment.
	pip: {
		name: "Python's venv with pip",
		program: "python3",
		ask: ["-c", "import ensurepip, venv; print(ensurepip.version())"],
		version: plainVersion,
		debian: "python3-venv",
	},
	go: { name: "Go", program: "go", ask: ["version"], version: /go(\d+(?:\.\d+)+)/, debian: "golang-go", selfUpdatingFrom: "1.21" },
	php: { name: "PHP", program: "php", ask: ["--version"], version: /PHP (\d+(?:\.\d+)+)/, debian: "php-cli" },
	composer: {
		name: "Composer",
		program: "composer",
		ask: ["--version", "--no-ansi"],
		version: /Composer (?:version )?(\d+(?:\.\d+)+)/,
		debian: "composer",
	},
	ruby: { name: "Ruby", program: "ruby", ask: ["--version"], version: /ruby (\d+(?:\.\d+)+)/, debian: "ruby" },
	bundler: { name: "Bundler", program: "bundle", ask: ["--version"], version: plainVersion, debian: "ruby-bundler" },
	jekyll: { name: "Jekyll", program: "jekyll", ask: ["--version"], version: plainVersion, debian: "jekyll" },
	rust: { name: "Rust with Cargo", program: "cargo", ask: ["--version"], version: /cargo (\d+(?:\.\d+)+)/, debian: "cargo" },
	// The compiler tells a development kit from a runtime alone, which cannot build anything.
	java: {
		name: "a Java development kit",
		program: "javac",
		ask: ["-version"],
		version: /javac (\d+(?:\.\d+)*)/,
		debian: "default-jdk-headless",
	},
	maven: { name: "Maven", program: "mvn", ask: ["--version"], version: /Apache Maven (\d+(?:\.\d+)+)/, debian: "maven" },
	gradle: { name: "Gradle", program: "gradle", ask: ["--version"], version: /Gradle (\d+(?:\.\d+)+)/, debian: "gradle" },
	hugo: { name: "Hugo", program: "hugo", ask: ["version"], version: /v(\d+(?:\.\d+)+)/, debian: "hugo" },
	zola: { name: "Zola", program: "zola", ask: ["--version"], version: plainVersion, debian: "zola" },
};

export function isSystemTool(name: ToolName): name is SystemToolName {
	return Object.hasOwn(systemPrograms, name);
}
