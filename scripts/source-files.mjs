import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";

const skipped = new Set(["node_modules", ".next", "data", ".git", "coverage", "test-results", "playwright-report"]);

/** Paths of the project's own files, sorted: what git tracks or would track, or a walk where there is no git folder. */
export async function sourceFiles() {
	try {
		const { stdout } = await promisify(execFile)("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
			maxBuffer: 64 * 1024 * 1024,
		});
		return stdout
			.split("\0")
			.filter((path) => path !== "" && existsSync(path))
			.sort();
	} catch {
		const entries = await readdir(".", { recursive: true, withFileTypes: true });
		return entries
			.filter((entry) => entry.isFile())
			.map((entry) => `${entry.parentPath}/${entry.name}`.replace(/^\.\//, ""))
			.filter((path) => !path.split("/").some((part) => skipped.has(part)))
			.sort();
	}
}
