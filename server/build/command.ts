import { StringDecoder } from "node:string_decoder";
import type { ErrorCode } from "../../lib/errors.ts";
import { failed, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";
import type { Mount, Sandbox } from "../exec/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { Workspace } from "../source/workspace.ts";
import { explainStep } from "./explain-step.ts";
import { insideCache } from "./inside.ts";
import { ImportantLines } from "./lines.ts";
import { withNpmrc } from "./npmrc.ts";
import { sentenceFrom, shareFrom } from "./sentences.ts";
import type { Toolchain } from "./toolchains.ts";

/** What all commands of one build or test run share. */
export interface CommandSetting {
	mark: string;
	plan: Plan;
	/** The repository as it was cloned, to explain a failure with; null where it cannot be had. */
	files: Workspace | null;
	sandbox: Sandbox;
	reporter: Reporter;
	/** Makes what takes the project's secrets out of output as it arrives. */
	openRedactor: () => Redactor;
	/** null where the commands need none. */
	toolchain: Toolchain | null;
	mounts: readonly Mount[];
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
	/** Absolute path inside the sandbox. */
	cwd: string;
	/** What a failure of this command is called. */
	failure: Extract<ErrorCode, "install_failed" | "build_failed" | "test_failed">;
	/** The part of its stage's progress that this command stands for, in percent. */
	percents: readonly [from: number, to: number];
	/** What is awaited meanwhile: "npm to install 214 packages". */
	awaiting: string;
}

const maxProcesses = 512;
const maxFileMb = 2048;
const maxOutputMb = 64;
const maxDiskMb = 10 * 1024;

/** Runs one command of a plan and, when it fails, says why in a way a person can act on. */
export async function runStep(step: Step, setting: CommandSetting): Promise<Outcome<{ durationMs: number }>> {
	const { reporter, sandbox, memoryMb } = setting;
	const lines = new ImportantLines();
	const heard = { stdout: hear(lines, setting), stderr: hear(lines, setting) };
	reporter.awaiting(step.awaiting);
	const result = await sandbox.run({
		mark: setting.mark,
		argv: withNpmrc(step.argv, setting.env),
		cwd: step.cwd,
		mounts: [...(setting.toolchain?.mounts ?? []), ...setting.mounts],
		env: environment(setting),
		network: { mode: "egress", policy: { allowPrivate: false, allowPrivateHosts: setting.registryHosts } },
		limits: {
			memoryMb,
			processes: maxProcesses,
			fileMb: maxFileMb,
			diskMb: maxDiskMb,
			timeoutMs: Math.max(1, Math.round(setting.deadlineAt - performance.now())),
			outputBytes: maxOutputMb * 1024 * 1024,
		},
		signal: setting.signal,
		onOutput: (chunk, from) => {
			const text = heard[from].add(chunk);
			const sentence = sentenceFrom(text);
			const share = shareFrom(text);
			if (sentence !== null) reporter.progress(sentence, share === null ? null : percentWithin(step, share));
			return reporter.output(chunk, from);
		},
	});
	if (result.reason === "exited" && result.exitCode === 0) return succeeded({ durationMs: result.durationMs });
	heard.stdout.end();
	heard.stderr.end();
	const { plan, files, timeoutMs } = setting;
	const limits = { memoryMb, timeoutMs, processes: maxProcesses, outputMb: maxOutputMb, diskMb: maxDiskMb };
	return failed(await explainStep({ ...step, result, lines, plan, files, limits }));
}

/** Long lines are cut where they are kept: secrets go out of them before that, or half of one would no longer be known for one. */
function hear(lines: ImportantLines, { openRedactor }: CommandSetting): { add(chunk: Buffer): string; end(): void } {
	const decoder = new StringDecoder("utf8");
	const redactor = openRedactor();
	return {
		add(chunk) {
			const shown = redactor.push(decoder.write(chunk));
			lines.add(shown);
			return shown;
		},
		end: () => lines.add(redactor.push(decoder.end()) + redactor.flush()),
	};
}

/** The stage's percent when a command is this far, from 0 to 1. */
export function percentWithin({ percents: [from, to] }: Pick<Step, "percents">, share: number): number {
	return Math.round(from + share * (to - from));
}

/** Cleared of everything of the platform's; what the project sets wins over habits, not over what the sandbox needs. */
function environment({ plan, env, toolchain, memoryMb, mounts, sandbox }: CommandSetting): Record<string, string> {
	const cacheDir = mounts.some((mount) => mount.inside === insideCache) ? insideCache : null;
	const place = { cacheDir, memoryMb, proxied: sandbox.isolation !== "none" };
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
		...toolchain?.environment(place),
		...plan.env,
		...env,
		...(toolchain ? { PATH: toolchain.path } : {}),
		HOME: inside.home,
		// Leaves room beside JavaScript's own heap: Node then says what is wrong before the sandbox ends it.
		NODE_OPTIONS: `--max-old-space-size=${Math.max(256, Math.floor(memoryMb * 0.75))}`,
	};
}
