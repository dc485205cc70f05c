import { chmod, mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import semver from "semver";
import { z } from "zod";
import { failed, type Outcome, succeeded, type WorkFailure } from "../../../lib/protocol/index.ts";
import { inside } from "../../exec/layout.ts";
import type { SandboxResult } from "../../exec/sandbox.ts";
import { systemPath } from "../system-tools.ts";
import { copyProgram, type NodeAtHand, putNode } from "./node-tool.ts";
import { type ReadyTool, type ToolRequest, type ToolUse, titleOf } from "./ready-tool.ts";
import { packageOf, type RegistryPackage, type RegistryTool } from "./registry-packages.ts";
import type { ToolStore } from "./tool-store.ts";

export interface FetchSetting {
	store: ToolStore;
	atHand: NodeAtHand;
	/** Node with npm, which does the fetching. */
	npm: ReadyTool;
	/** Hosts that may be reached wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
}

const manifestSchema = z.object({ version: z.string().refine((version) => semver.valid(version) !== null) });
const keptLines = 40;

/**
 * Fetches a tool from the package registry with npm, which checks what arrives against the registry's checksums, in the
 * sandbox, running nothing of it. Answers its exact version.
 */
export function fetchTool(
	tool: RegistryTool,
	wanted: string,
	request: ToolRequest,
	{ sandbox, reporter }: ToolUse,
	setting: FetchSetting,
): Promise<Outcome<string>> {
	const { store, npm } = setting;
	const title = titleOf({ name: tool, version: wanted });
	reporter.progress(`Fetching ${title}`);
	reporter.awaiting(`${title} from the package registry`);
	return store.scratch(async (folder) => {
		const source = await packageOf(tool, wanted);
		const lines: string[] = [];
		await sandbox.prepareWritable(folder);
		const options = ["--prefix", "/workspace", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
		const run = await sandbox.run({
			mark: request.mark,
			argv: ["npm", "install", ...options, `${source.name}@${wanted}`],
			cwd: "/workspace",
			mounts: [npm.mount, { host: folder, inside: "/workspace", writable: true }],
			env: {
				...npm.env,
				PATH: `${npm.bin}:${systemPath}`,
				HOME: inside.home,
				npm_config_update_notifier: "false",
				npm_config_cache: `${inside.tmp}/npm`,
				// npm's own pauses, of up to a minute, keep a person waiting who has no network.
				npm_config_fetch_retry_mintimeout: "500",
				npm_config_fetch_retry_maxtimeout: "4000",
			},
			network: { mode: "egress", policy: { allowPrivate: false, allowPrivateHosts: setting.registryHosts } },
			limits: { memoryMb: 2048, processes: 64, fileMb: 1024, timeoutMs: request.timeoutMs, outputBytes: 1024 * 1024 },
			signal: request.signal,
			onOutput: (chunk, from) => {
				reporter.output(chunk, from);
				lines.push(...chunk.toString("utf8").split("\n").filter(Boolean));
				lines.splice(0, Math.max(0, lines.length - keptLines));
			},
		});
		if (run.reason !== "exited" || run.exitCode !== 0) return failed(whyNot(title, source, run, lines));
		const fetched = join(folder, "node_modules", source.name);
		const { version } = manifestSchema.parse(JSON.parse(await readFile(join(fetched, "package.json"), "utf8")));
		await putTool(tool, version, { folder, source, setting });
		return succeeded(version);
	});
}

async function putTool(
	tool: RegistryTool,
	version: string,
	{ folder, source, setting }: { folder: string; source: RegistryPackage; setting: FetchSetting },
): Promise<void> {
	const program = (path: string) => join(folder, "node_modules", source.name, path);
	if (tool === "node") return putNode(setting.store, setting.atHand, version, (file) => copyProgram(program("bin/node"), file));
	await setting.store.put(tool, version, async (place) => {
		await mkdir(join(place, "lib"));
		await execa("cp", ["-R", "--reflink=auto", "--", join(folder, "node_modules"), join(place, "lib/node_modules")], { stdio: "ignore" });
		for (const [name, path] of Object.entries(source.programs)) {
			await chmod(join(place, "lib/node_modules", source.name, path), 0o755);
			await symlink(join("../lib/node_modules", source.name, path), join(place, "bin", name));
		}
	});
}

/** What could not be fetched, and why, for people. */
function whyNot(title: string, { name }: RegistryPackage, run: SandboxResult, lines: readonly string[]): WorkFailure {
	const text = lines.join("\n");
	const why = (code: WorkFailure["code"], message: string, action?: string): WorkFailure => ({
		code,
		message,
		...(action && { action }),
		exitCode: run.exitCode,
		lines: lines.slice(-15),
	});
	const cannot = `${title} could not be fetched from the package registry`;
	if (run.reason === "aborted") return { code: "cancelled" };
	if (run.reason === "timeout") return why("stage_timeout", `Fetching ${title} took too long.`);
	if (/ETARGET|E404/.test(text))
		return why("tool_missing", `${cannot}: it has no such version (package ${name}).`, "Ask for a version that exists and retry.");
	if (/EINTEGRITY/.test(text)) return why("install_failed", `${cannot}: what arrived did not match its checksum.`);
	if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(text))
		return why("install_failed", `${cannot}: the registry did not answer.`, "Check the network of this machine, then retry.");
	if (/ENOSPC/.test(text)) return { code: "disk_full" };
	return why("install_failed", `${cannot}.`);
}
