import { spawn } from "node:child_process";
import { AppError } from "../../../lib/errors.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-code.ts";

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
	darwin: ["open"],
	win32: ["explorer.exe"],
	linux: ["xdg-open"],
};

export const open: Command = {
	name: "open",
	takes: "<project>",
	summary: "Open a project's preview in the browser, and print its address",
	words: [1, 1],
	options: { print: { type: "boolean", help: "Print the address alone" } },
	async run({ words: [slug = ""], flags, output, client: connect }) {
		const { previewUrl } = await (await connect()).projects.get(slug);
		if (previewUrl === null) throw new AppError("conflict", { message: `Nothing of ${slug} is live yet.`, action: "Deploy it first." });
		if (output.json) output.record({ type: "preview", project: slug, previewUrl });
		else output.line(previewUrl);
		if (!flags.has("print") && !output.json && process.stdout.isTTY) start(previewUrl);
		return exitCode.ok;
	},
};

/** The address is on the screen already, so a machine without a browser is no failure. */
function start(url: string): void {
	const [program, ...args] = openers[process.platform] ?? [];
	if (program === undefined) return;
	const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
	child.on("error", () => {});
	child.unref();
}
