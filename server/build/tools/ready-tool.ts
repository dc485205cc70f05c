import type { Reporter, Tool } from "../../../lib/protocol/index.ts";
import type { Mount, Sandbox } from "../../exec/sandbox.ts";
import type { RegistryTool } from "./registry-packages.ts";

/** A fetched program as runs use it: what to mount, what to put on the `PATH`, and what it must be told. */
export interface ReadyTool {
	name: RegistryTool;
	/** Exact version. */
	version: string;
	mount: Mount;
	/** Folder of its programs inside the sandbox. */
	bin: string;
	env: Readonly<Record<string, string>>;
}

/** A tool that is asked for, and the attempt on whose behalf. */
export interface ToolRequest extends Tool {
	mark: string;
	signal: AbortSignal;
	timeoutMs: number;
}

export interface ToolUse {
	sandbox: Sandbox;
	reporter: Reporter;
}

/** "Node 22", as people call it. */
export function titleOf({ name, version }: { name: RegistryTool; version: string | null }): string {
	return version === null ? names[name] : `${names[name]} ${version}`;
}

const names: Readonly<Record<RegistryTool, string>> = { node: "Node", npm: "npm", pnpm: "pnpm", yarn: "Yarn", bun: "Bun", deno: "Deno" };
