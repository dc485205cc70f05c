import { createClient } from "../../lib/client/client.ts";
import { isAppError } from "../../lib/errors.ts";
import { helpOf, helpOfAll, readArguments } from "./arguments.ts";
import type { Call, Command } from "./command.ts";
import { approve } from "./commands/approve.ts";
import { cancel } from "./commands/cancel.ts";
import { deploy } from "./commands/deploy.ts";
import { env as variables } from "./commands/env.ts";
import { list } from "./commands/list.ts";
import { login } from "./commands/login.ts";
import { logs } from "./commands/logs.ts";
import { message } from "./commands/message.ts";
import { open } from "./commands/open.ts";
import { push } from "./commands/push.ts";
import { rollback } from "./commands/rollback.ts";
import { status } from "./commands/status.ts";
import { wait } from "./commands/wait.ts";
import { exitCode, UsageError } from "./exit-code.ts";
import { type Output, openOutput } from "./output.ts";
import { readSettings } from "./settings.ts";

const commands: readonly Command[] = [deploy, message, push, logs, wait, approve, status, list, open, rollback, cancel, variables, login];

/** Carries out one command line and ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
	const watching = new AbortController();
	for (const stream of [process.stdout, process.stderr])
		stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? exitCode.brokenPipe : exitCode.failed));
	process.once("SIGINT", () => watching.abort(new Error("interrupted")));
	const { env } = process;
	const output = openOutput({ stdout: process.stdout, stderr: process.stderr, env }, args.includes("--json"));
	process.exitCode = await answer(args, { env, output, signal: watching.signal }).catch((error: unknown) => failure(error, output));
	output.status("");
	// Connections that are kept for a next call would keep the process for some seconds.
	process.stdout.write("", (error) => process.exit(error ? exitCode.brokenPipe : process.exitCode));
}

async function answer([name, ...rest]: readonly string[], given: Pick<Call, "env" | "output" | "signal">): Promise<number> {
	const { env, output } = given;
	if (name === undefined) {
		output.note(helpOfAll(commands));
		return exitCode.usage;
	}
	if (name === "--help" || name === "-h" || name === "help") {
		const one = commands.find((command) => command.name === rest[0]);
		output.line(one ? helpOf(one) : helpOfAll(commands));
		return exitCode.ok;
	}
	const command = commands.find((candidate) => candidate.name === name);
	if (!command) throw new UsageError(`There is no command “${name}”. “quayside --help” lists them.`);
	const { words, flags } = readArguments(command, rest);
	if (flags.has("help")) {
		output.line(helpOf(command));
		return exitCode.ok;
	}
	const client = async () => {
		const { url, token } = await readSettings(env);
		return createClient({ origin: url, token });
	};
	return command.run({ ...given, words, flags, client });
}

const howToLogIn = "The API token is not valid (any more): run “quayside login” with a new one, or correct QUAYSIDE_TOKEN.";

function failure(error: unknown, output: Output): number {
	output.status("");
	if (error instanceof UsageError) {
		if (output.json) output.record({ type: "error", error: { code: "usage", message: error.message } });
		else output.note(error.message);
		return exitCode.usage;
	}
	if (!isAppError(error)) throw error;
	const { code, message } = error;
	const action = code === "unauthenticated" ? howToLogIn : error.action;
	if (output.json) output.record({ type: "error", error: { code, message, action } });
	else output.note(`${output.style("red", message)}\n${action}`);
	return exitCode.failed;
}
