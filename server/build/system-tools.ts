import { access, constants, realpath, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { failed, type Outcome, succeeded, type Tool, type WorkFailure } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import { isSystemTool, type SystemProgram, type SystemToolName, systemPrograms } from "./system-programs.ts";

export interface SystemTools {
	/**
	 * Looks whether this machine has the programs among `tools` that come from the machine, in a version that does, as builds see
	 * them; answers their versions. Other tools are passed over. Fails with `tool_missing` before anything of the project runs.
	 */
	check(tools: readonly Tool[], use: SystemToolUse): Promise<Outcome<ReadonlyMap<SystemToolName, string>>>;
}

export interface SystemToolUse {
	sandbox: Sandbox;
	mark: string;
	signal: AbortSignal;
}

/** Folders of programs that a sandbox sees, in the order of its `PATH`. */
const visibleFolders = ["/usr/local/bin", "/usr/bin", "/bin"];
export const systemPath = visibleFolders.join(":");

/** `path`: the platform's own `PATH`, to say where a program is that builds cannot see. */
export function openSystemTools({ path }: { path: string }): SystemTools {
	/** What each file answered. A file that is replaced is asked again; a program that is missing is looked for every time. */
	const answers = new Map<string, string>();

	async function versionOf(file: string, tool: SystemToolName, use: SystemToolUse): Promise<string | null> {
		const { mtimeMs, size } = await stat(file);
		const key = `${tool} ${await realpath(file)} ${mtimeMs} ${size}`;
		const version = answers.get(key) ?? (await ask(file, systemPrograms[tool], use));
		if (version !== null) answers.set(key, version);
		return version;
	}

	return {
		async check(tools, use) {
			const found = new Map<SystemToolName, string>();
			for (const { name, version: wanted } of tools) {
				if (!isSystemTool(name)) continue;
				const program = systemPrograms[name];
				const file = await find(program.program, visibleFolders);
				const version = file === null ? null : await versionOf(file, name, use);
				if (use.signal.aborted) return failed({ code: "cancelled" });
				if (version === null)
					return failed(missing(program, wanted, file === null ? await find(program.program, path.split(delimiter)) : null));
				if (wanted !== null && isOlder(version, wanted) && !fetchesItself(program, version))
					return failed(tooOld(program, wanted, version));
				found.set(name, version);
			}
			return succeeded(found);
		},
	};
}

async function find(program: string, folders: readonly string[]): Promise<string | null> {
	for (const folder of folders) {
		if (!folder.startsWith("/")) continue;
		const file = join(folder, program);
		const runs = await access(file, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (runs) return file;
	}
	return null;
}

/** Asks in the sandbox: what matters is what a build gets, not what the platform's own environment has. */
async function ask(file: string, program: SystemProgram, { sandbox, mark, signal }: SystemToolUse): Promise<string | null> {
	let said = "";
	const run = await sandbox.run({
		mark,
		argv: [file, ...program.ask],
		cwd: inside.tmp,
		mounts: [],
		env: { PATH: systemPath },
		network: { mode: "none" },
		limits: { memoryMb: 1024, processes: 128, fileMb: 64, timeoutMs: 30_000, outputBytes: 64 * 1024 },
		signal,
		onOutput: (chunk) => {
			said += chunk.toString("utf8");
		},
	});
	return run.exitCode === 0 ? (program.version.exec(said)?.[1] ?? null) : null;
}

function fetchesItself({ selfUpdatingFrom }: SystemProgram, version: string): boolean {
	return selfUpdatingFrom !== undefined && !isOlder(version, selfUpdatingFrom);
}

/** Compares part by part; a part that is not said does not matter: 3.11.2 is not older than 3.11. */
function isOlder(version: string, wanted: string): boolean {
	const has = version.split(".").map(Number);
	for (const [index, part] of wanted.split(".").map(Number).entries()) {
		const own = has[index] ?? 0;
		if (own !== part) return own < part;
	}
	return false;
}

const otherWay = "Or choose a directory that does without it, or bring a Dockerfile and a target that runs containers.";

function missing({ name, debian }: SystemProgram, wanted: string | null, elsewhere: string | null): WorkFailure {
	const asked = wanted === null ? name : `${name} ${wanted} or newer`;
	const hidden = elsewhere === null ? "" : ` There is one at ${elsewhere}, but builds see programs in /usr only.`;
	return {
		code: "tool_missing",
		message: `This project needs ${asked}, and this machine has none.${hidden}`,
		action: `Install it on the machine Quayside runs on (on Debian: apt-get install ${debian}) and retry. ${otherWay}`,
	};
}

function tooOld({ name, debian }: SystemProgram, wanted: string, version: string): WorkFailure {
	return {
		code: "tool_missing",
		message: `This project needs ${name} ${wanted} or newer; this machine has ${version}.`,
		action: `Install a newer one in /usr or /usr/local, where builds see it (on Debian a newer release or backports have it: ${debian}), and retry. ${otherWay}`,
	};
}
