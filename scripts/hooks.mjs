// Runs after npm installed the dependencies: puts the pre-commit hook in place, where somebody commits and wants it.
// Must run under Node 18 and never fail an install.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";

if (!process.env.CI && existsSync(".git") && existsSync("node_modules/husky")) {
	execFile("git", ["config", "--get", "quayside.hooks"], async (_, answer) => {
		if (answer.trim() === "off") return;
		const { default: husky } = await import("husky");
		const problem = husky();
		if (problem) console.log(problem);
	});
}
