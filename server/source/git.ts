import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { GitAddress } from "../../lib/protocol/index.ts";
import type { Sandbox, SandboxResult } from "../exec/sandbox.ts";
import type { CloneProgress } from "./clone-progress.ts";
import type { CloneRequest } from "./clone-request.ts";
import { gitEnvironment, loginOf } from "./git-environment.ts";

/** The working folder of a clone inside the sandbox. */
const workspace = "/workspace";

/** One clone: its request, and where and until when its git commands run. */
export interface GitSession {
	request: CloneRequest;
	address: GitAddress;
	sandbox: Sandbox;
	/** Host folder that is `/workspace` inside. */
	workDir: string;
	/** The bare repository and the folder of its files, relative to it. */
	gitDir: string;
	treeDir: string;
	/** On the clock of `performance.now()`. */
	deadlineAt: number;
}

export interface GitRun {
	ok: boolean;
	result: SandboxResult;
	/** At most 64 KB. */
	stdout: string;
	/** The last lines git printed as errors, without progress. */
	errors: string[];
	/** True when the run was ended because it fetched more than the limit. */
	tooLarge: boolean;
	/** Fingerprint of the host key that the server showed, null when it was not reached by ssh. */
	hostKeyShown: string | null;
}

export interface GitRunOptions {
	network?: boolean;
	progress?: CloneProgress;
}

const keptOutputChars = 64 * 1024;
const keptErrorLines = 30;

/** Runs a command of a clone in the sandbox, which shows it the working folder and, when asked for, the network. */
export async function runInClone(session: GitSession, argv: readonly string[], options: GitRunOptions = {}): Promise<GitRun> {
	const { request, address, sandbox } = session;
	const limit = new AbortController();
	const watch = watchArrivals(join(session.workDir, session.gitDir), request.limits.maxMb * 1_000_000, () => limit.abort());
	const errors: string[] = [];
	let stdout = "";
	let hostKeyShown: string | null = null;
	const errorLines = splitLines((line) => {
		if (isSshTalk(line)) {
			hostKeyShown ??= /^debug1: Server host key: \S+ (SHA256:\S+)$/.exec(line)?.[1] ?? null;
			return;
		}
		if (options.progress?.read(line)) {
			if (options.progress.exceeded) limit.abort();
			return;
		}
		errors.push(redact(line, request));
		if (errors.length > keptErrorLines) errors.shift();
	});
	const running = sandbox.run({
		mark: request.mark,
		argv,
		cwd: workspace,
		mounts: [{ host: session.workDir, inside: workspace, writable: true }],
		env: gitEnvironment(address, options.network ? request : null),
		network: options.network
			? { mode: "egress", policy: { allowPrivate: request.allowPrivate, allowPrivateHosts: request.privateHosts ?? [] } }
			: { mode: "none" },
		limits: {
			memoryMb: 2048,
			processes: 64,
			// The pack is watched; this bounds what arrives between two looks.
			fileMb: 2 * request.limits.maxMb + 16,
			timeoutMs: Math.max(1, Math.round(session.deadlineAt - performance.now())),
			outputBytes: 64 * 1024 * 1024,
		},
		signal: AbortSignal.any([request.signal, limit.signal]),
		onOutput: (chunk, from) => {
			if (from === "stderr") errorLines.add(chunk);
			else if (stdout.length < keptOutputChars) stdout += chunk.toString("utf8");
		},
	});
	const result = await running.finally(watch.stop);
	errorLines.end();
	return { ok: result.reason === "exited" && result.exitCode === 0, result, stdout, errors, tooLarge: limit.signal.aborted, hostKeyShown };
}

/** What ssh tells with `-v`, and the frame around its warning of a changed host key. */
function isSshTalk(line: string): boolean {
	return /^(?:debug\d: |OpenSSH_\d|@+$|@ +WARNING: )/.test(line);
}

/** Where git and git-lfs put what they receive, until it is whole. */
const arrivals = ["objects/pack", "lfs/incomplete", "lfs/tmp"];
const lookEveryMs = 200;

/** Calls back when what is being received has grown past the limit. */
function watchArrivals(gitDir: string, maxBytes: number, onExceeded: () => void): { stop(): void } {
	const look = async () => {
		let bytes = 0;
		for (const folder of arrivals.map((name) => join(gitDir, name))) {
			for (const name of await readdir(folder).catch(() => [])) bytes += (await lstat(join(folder, name)).catch(() => null))?.size ?? 0;
		}
		if (bytes > maxBytes) onExceeded();
	};
	const timer = setInterval(() => void look(), lookEveryMs);
	return { stop: () => clearInterval(timer) };
}

/** Shorter user names would hide ordinary words; a token in the place of the name is longer. */
const shortestUser = 12;

/** A server may quote the token back in its answer, or the part of it that git sent as the password or in the place of the name. */
function redact(line: string, { token }: Pick<CloneRequest, "token">): string {
	if (!token) return line;
	const { user, password } = loginOf(token);
	const needles = [token.reveal(), password, user !== null && user.length >= shortestUser ? user : ""];
	return needles.reduce((text, needle) => (needle === "" ? text : text.replaceAll(needle, "[secret]")), line);
}

const longestLine = 16 * 1024;

/** Cuts a stream of bytes at line feeds and carriage returns; a line that never ends is cut at 16 KB. */
function splitLines(onLine: (line: string) => void): { add(chunk: Buffer): void; end(): void } {
	const decoder = new TextDecoder();
	let rest = "";
	return {
		add(chunk) {
			const lines = (rest + decoder.decode(chunk, { stream: true })).split(/[\r\n]+/);
			rest = (lines.pop() ?? "").slice(0, longestLine);
			for (const line of lines) if (line.trim() !== "") onLine(line.slice(0, longestLine));
		},
		end() {
			if (rest.trim() !== "") onLine(rest);
			rest = "";
		},
	};
}
