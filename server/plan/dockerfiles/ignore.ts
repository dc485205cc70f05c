const everywhere = [".git", ".env*", ".quayside", "*.log", "Dockerfile", ".dockerignore", "node_modules"];

const byLanguage: Readonly<Record<string, readonly string[]>> = {
	Python: [".venv", "venv", "__pycache__", "*.pyc", ".pytest_cache", ".mypy_cache", "*.sqlite3"],
	Go: ["bin", "*.test"],
	PHP: ["vendor", "storage/logs/*"],
	Ruby: ["vendor/bundle", ".bundle", "tmp", "log", "coverage"],
	Rust: ["target"],
	Java: ["target", "build", ".gradle", "*.class"],
	Deno: [".deno"],
	Bun: ["dist", "coverage"],
};

/** What no image build of a project in this language needs to be sent. */
export function dockerignoreFor(language: string): string {
	return [...everywhere, ...(byLanguage[language] ?? []), ""].join("\n");
}
