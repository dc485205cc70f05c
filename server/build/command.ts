import type { ErrorCode } from "../../lib/errors.ts";
import { failed, type Outcome, type Reporter, succeeded, type WorkFailure } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";
import type { Mount, Sandbox, SandboxResult } from "../exec/sandbox.ts";
import { ImportantLines } from "./lines.ts";
import { sentenceFrom } from "./sentences.ts";
import type { Toolchain } from "./toolchains.ts";

/** What all commands of one build or test run share. */
export interface CommandSetting {
	mark: string;
	sandbox: Sandbox;
	reporter: Reporter;
	/** null where no Node is needed. */
	toolchain: Toolchain | null;
	mounts: readonly Mount[];
	/** Absolute path inside the sandbox. */
	cwd: string;
	/** The project's own environment. */
	env: Readonly<Record<string, string>>;
	memoryMb: number;
	/** On the clock of `performance.now()`. */
	deadlineAt: number;
	timeoutMs: number;
	signal: AbortSignal;
	registryHosts: readonly string[];
}

/** One command of a plan. */
export interface Step {
	argv: readonly string[];
	/** What a failure of this command is called. */
	failure: Extract<ErrorCode, "install_failed" | "build_failed" | "test_failed">;
	/** What is awaited meanwhile: "npm to install 214 packages". */
	awaiting: string;
}

/** Where a run finds the package manager's cache. */
export const insideCache = "/quayside/npm-cache";

const maxProcesses = 512;
const maxFileMb = 2048;
const maxOutputMb = 32;

/** Runs one command of a plan and, when it fails, says why in a way a person can act on. */
export async function runStep(step: Step, setting: CommandSetting): Promise<Outcome<{ durationMs: number }>> {
	const { reporter, sandbox, memoryMb } = setting;
	const lines = new ImportantLines();
	reporter.awaiting(step.awaiting);
	const result = await sandbox.run({
		mark: setting.mark,
		argv: step.argv,
		cwd: setting.cwd,
		mounts: [...(setting.toolchain?.mounts ?? []), ...setting.mounts],
		env: environment(setting),
		network: { mode: "egress", policy: { allowPrivate: false, allowPrivateHosts: setting.registryHosts } },
		limits: {
			memoryMb,
			processes: maxProcesses,
			fileMb: maxFileMb,
			timeoutMs: Math.max(1, Math.round(setting.deadlineAt - performance.now())),
			outputBytes: maxOutputMb * 1024 * 1024,
		},
		signal: setting.signal,
		onOutput: (chunk, from) => {
			const text = chunk.toString("utf8");
			lines.add(text);
			reporter.output(chunk, from);
			const sentence = sentenceFrom(text);
			if (sentence !== null) reporter.progress(sentence);
		},
	});
	if (result.reason === "exited" && result.exitCode === 0) return succeeded({ durationMs: result.durationMs });
	return failed(explain(step, result, lines.pick(), setting));
}

/** Cleared of everything of the platform's; what the project sets wins over habits, not over what the sandbox needs. */
function environment({ env, toolchain, memoryMb, mounts }: CommandSetting): Record<string, string> {
	const hasCache = mounts.some((mount) => mount.inside === insideCache);
	return {
		CI: "1",
		FORCE_COLOR: "1",
		NEXT_TELEMETRY_DISABLED: "1",
		ASTRO_TELEMETRY_DISABLED: "1",
		DISABLE_OPENCOLLECTIVE: "1",
		COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
		npm_config_audit: "false",
		npm_config_fund: "false",
		npm_config_progress: "false",
		npm_config_update_notifier: "false",
		npm_config_logs_max: "0",
		// npm, compilers and bundlers are large programs: what the project's last build compiled of them is kept.
		...(hasCache ? { NODE_COMPILE_CACHE: `${insideCache}/node` } : {}),
		...env,
		...(toolchain ? { ...toolchain.env, PATH: toolchain.path } : {}),
		HOME: inside.home,
		// Leaves room beside JavaScript's own heap: Node then says what is wrong before the sandbox ends it.
		NODE_OPTIONS: `--max-old-space-size=${Math.max(256, Math.floor(memoryMb * 0.75))}`,
		npm_config_cache: hasCache ? insideCache : `${inside.home}/.npm`,
	};
}

function explain(step: Step, result: SandboxResult, lines: string[], { memoryMb, timeoutMs }: CommandSetting): WorkFailure {
	const command = step.argv.join(" ");
	const failure = (code: ErrorCode, message: string, action?: string): WorkFailure => ({
		code,
		message,
		...(action && { action }),
		command,
		exitCode: result.exitCode,
		lines,
	});
	const text = lines.join("\n");
	if (result.reason === "aborted") return failure("cancelled", `${command} was ended.`);
	if (result.reason === "timeout")
		return failure("stage_timeout", `${command} was ended after ${Math.round(timeoutMs / 1000)} s: the stage may not take longer.`);
	if (result.reason === "output") return failure("output_limit", `${command} printed more than ${maxOutputMb} MB.`);
	if (result.reason === "processes") return failure(step.failure, `${command} started more than ${maxProcesses} processes.`);
	if (result.reason === "memory" || /JavaScript heap out of memory/.test(text) || result.signal === "SIGKILL") {
		return failure("out_of_memory", `${command} used more than ${memoryMb} MB of memory.`);
	}
	if (/ENOSPC|No space left on device/.test(text)) return failure("disk_full", `There was no space left on the disk for ${command}.`);
	if (result.refused.length > 0) lines.push(`Not allowed: a connection to ${result.refused.slice(0, 3).join(", ")} (private network).`);
	const ending = result.signal === null ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
	const hint = hints.find(([pattern]) => pattern.test(text))?.[1];
	return { ...failure(step.failure, `${command} ended with ${ending}.`, hint), lines: lines.slice(-15) };
}

/** What to do about failures that are common and have one cure. */
const hints: [RegExp, string][] = [
	[
		/npm ci.*can only install.*in sync|EUSAGE[\s\S]*lock file/,
		"Run npm install where you develop, commit the changed package-lock.json and retry.",
	],
	[
		/ERESOLVE/,
		"Two dependencies ask for different versions of a third. Make npm install work where you develop, commit package-lock.json and retry.",
	],
	[/E404|404 Not Found/, "A dependency is not in the package registry. Check its name and whether it is private, then retry."],
	[/EBADENGINE|Unsupported engine/, "A dependency needs another Node version. Set engines.node in package.json and retry."],
	[/Missing script: "?(\w+)/, "The script is not in package.json. Add it and retry."],
	[/command not found|: not found/, "A program the command needs is not there. Add it to the dependencies and retry."],
];
