import { join } from "node:path";
import { failed, type Outcome, type Plan, succeeded, type Tool, type ToolName } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";
import type { Mount } from "../exec/sandbox.ts";
import { insideWorkspace } from "./inside.ts";
import { openSystemTools, systemPath } from "./system-tools.ts";
import { type ToolPlace, toolEnvironment, toolFolders } from "./tool-environment.ts";
import { fetchTool } from "./tools/fetch-tool.ts";
import { adoptNode, type NodeAtHand } from "./tools/node-tool.ts";
import { type ReadyTool, type ToolRequest, type ToolUse, titleOf } from "./tools/ready-tool.ts";
import { isRegistryTool, type RegistryTool, runsOnNode, wantedVersion } from "./tools/registry-packages.ts";
import { openToolStore, type ToolStore } from "./tools/tool-store.ts";

/** The programs of a run together: what to mount, the `PATH`, and what they must be told. */
export interface Toolchain {
	/** Exact version of each tool. */
	versions: Readonly<Partial<Record<ToolName, string>>>;
	mounts: readonly Mount[];
	/** Value of `PATH` inside. */
	path: string;
	/** What the programs must know of the run they are used in. */
	environment(place: ToolPlace): Record<string, string>;
}

export interface ToolchainRequest {
	plan: Pick<Plan, "tools" | "nodeVersion" | "directory">;
	mark: string;
	signal: AbortSignal;
	timeoutMs: number;
}

export interface Toolchains {
	/** Answers the tools of a plan together. One that is not here yet is fetched, or looked for on the machine; the failure names it. */
	prepare(request: ToolchainRequest, use: ToolUse): Promise<Outcome<Toolchain>>;
	/** Puts the Node at hand in its place ahead of the first build, and clears away what a crash left half made. */
	warm(): Promise<void>;
	/** Deletes fetched tools that were not used for longest when all are too large; those that fit `needed` stay. Answers their names. */
	evict(needed: readonly Tool[]): Promise<string[]>;
}

export interface ToolchainsOptions extends NodeAtHand {
	/** `QUAYSIDE_HOME`; a folder `toolchains` is made in it. */
	home: string;
	/** Hosts that may be reached wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
	/** Address of the package registry, when it is not npm's own. */
	registryUrl?: string;
	/** Bounds of what is kept. */
	bounds?: { maxBytes: number; minIdleMs: number };
}

/** Where tools lie inside the sandbox, a folder each. */
const insideDir = "/quayside/tools";
const npmRegistry = "https://registry.npmjs.org";
/** A run that was handed a tool has long begun when this has passed; running apps are named as needed. */
const usualBounds = { maxBytes: 4 * 1024 ** 3, minIdleMs: 24 * 60 * 60_000 };

/** What the commands of a plan need. Node brings an npm along, which is the one for plans that ask for any. */
export function toolsOf({ tools, nodeVersion }: Pick<Plan, "tools" | "nodeVersion">): Tool[] {
	if (tools.length === 0) return nodeVersion === null ? [] : [{ name: "node", version: nodeVersion }];
	const needed = tools.filter(({ name, version }) => name !== "npm" || version !== null);
	const nodeless = tools.some(({ name }) => runsOnNode(name)) && !tools.some(({ name }) => name === "node");
	return nodeless ? [...needed, { name: "node", version: nodeVersion }] : needed;
}

/** Tools under the home, from the package registry, and the programs of this machine, behind one question. */
export function openToolchains(options: ToolchainsOptions): Toolchains {
	const store = openToolStore(join(options.home, "toolchains"));
	const system = openSystemTools({ path: options.path });
	const pending = new Map<string, Promise<Outcome<string>>>();

	/** One fetch at a time for a version; what failed is tried again by the next caller. */
	function once(key: string, make: () => Promise<Outcome<string>>): Promise<Outcome<string>> {
		const running = pending.get(key) ?? make().finally(() => pending.delete(key));
		pending.set(key, running);
		return running;
	}

	const ready = (name: RegistryTool, version: string) => readyTool(store, name, version, options.registryUrl);

	async function fetchOnce(name: RegistryTool, wanted: string, request: ToolRequest, use: ToolUse): Promise<Outcome<string>> {
		const atHand = await store.find("node", options.nodeVersion);
		if (atHand === null) await adoptNode(store, options);
		if (name === "node") {
			const found = await store.find("node", wanted);
			if (found !== null) return succeeded(found);
		}
		const npm = ready("node", options.nodeVersion);
		return fetchTool(name, wanted, request, use, { store, atHand: options, npm, registryHosts: options.registryHosts });
	}

	async function fromRegistry(name: RegistryTool, request: ToolRequest, use: ToolUse): Promise<Outcome<ReadyTool>> {
		const wanted = wantedVersion(name, request.version ?? (name === "node" ? options.nodeVersion : null));
		if (wanted === null)
			return failed({
				code: "tool_missing",
				message: `${titleOf({ name, version: request.version })} is not a version that could be fetched.`,
			});
		for (;;) {
			if (request.signal.aborted) return failed({ code: "cancelled" });
			const found = await store.find(name, wanted);
			if (found !== null) return succeeded(ready(name, found));
			const making = once(`${name} ${wanted}`, () => fetchOnce(name, wanted, request, use));
			const outcome = await Promise.race([making, abortOf(request.signal)]);
			if (outcome.ok) return succeeded(ready(name, outcome.value));
			// Whoever began the fetch may have given it up; this caller has not.
			if (outcome.failure.code !== "cancelled") return outcome;
		}
	}

	return {
		async prepare({ plan, ...request }, use) {
			const tools = toolsOf(plan);
			const ofMachine = await system.check(tools, { sandbox: use.sandbox, mark: request.mark, signal: request.signal });
			if (!ofMachine.ok) return ofMachine;
			const fetched: ReadyTool[] = [];
			for (const tool of tools) {
				const { name } = tool;
				if (!isRegistryTool(name)) continue;
				const found = await fromRegistry(name, { ...tool, ...request }, use);
				if (!found.ok) return found;
				fetched.push(found.value);
			}
			return succeeded(together(plan, fetched, ofMachine.value));
		},
		async warm() {
			if (pending.size === 0) await store.tidy();
			await adoptNode(store, options);
		},
		evict: (needed) => store.evict([...needed, { name: "node", version: options.nodeVersion }], options.bounds ?? usualBounds),
	};
}

function readyTool(store: ToolStore, name: RegistryTool, version: string, registryUrl: string | undefined): ReadyTool {
	const other = registryUrl !== undefined && registryUrl.replace(/\/+$/, "") !== npmRegistry;
	const place = `${insideDir}/${name}`;
	return {
		name,
		version,
		mount: { host: store.folderOf(name, version), inside: place, writable: false },
		bin: `${place}/bin`,
		env: { ...(other ? registryEnv(name, registryUrl) : {}), ...ownEnv[name] },
	};
}

/** How each client is told of a registry that is not npm's own. */
function registryEnv(name: RegistryTool, url: string): Record<string, string> {
	if (name === "yarn") return { npm_config_registry: url, YARN_NPM_REGISTRY_SERVER: url.replace(/\/+$/, "") };
	return name === "deno" ? { NPM_CONFIG_REGISTRY: url } : { npm_config_registry: url };
}

/** What a tool must be told so that it is the one that works, and says nothing to its makers. */
const ownEnv: Readonly<Partial<Record<RegistryTool, Record<string, string>>>> = {
	pnpm: { npm_config_manage_package_manager_versions: "false" },
	bun: { DO_NOT_TRACK: "1" },
};

/** Node comes last of what was fetched, so that a package manager that was asked for by version goes before the one beside it. */
function together(
	{ directory }: Pick<Plan, "directory">,
	fetched: readonly ReadyTool[],
	ofMachine: ReadonlyMap<ToolName, string>,
): Toolchain {
	const ordered = [...fetched].sort((a, b) => Number(a.name === "node") - Number(b.name === "node"));
	const versions = Object.fromEntries([...ofMachine, ...fetched.map(({ name, version }) => [name, version] as const)]);
	const names = Object.keys(versions) as ToolName[];
	const own = toolFolders(names).map((folder) => `${insideWorkspace(directory)}/${folder}`);
	return {
		versions,
		mounts: ordered.map(({ mount }) => mount),
		path: [...own, ...ordered.map(({ bin }) => bin), systemPath].join(":"),
		environment: (place) => ({
			...toolEnvironment(names, place),
			...(versions.yarn === undefined ? {} : yarnEnvironment(versions.yarn, place)),
			...Object.assign({}, ...ordered.map(({ env }) => env)),
		}),
	};
}

/** Yarn 1 and the later ones share a name and hardly a setting; the later ones know nothing of `HTTP_PROXY`. */
function yarnEnvironment(version: string, { cacheDir, proxied }: ToolPlace): Record<string, string> {
	const cache = cacheDir ?? `${inside.home}/.cache`;
	if (version.startsWith("1.")) return { YARN_CACHE_FOLDER: `${cache}/yarn` };
	const proxy = `http://127.0.0.1:${inside.proxyPort}`;
	const way: Record<string, string> = proxied ? { YARN_HTTP_PROXY: proxy, YARN_HTTPS_PROXY: proxy } : {};
	return { YARN_GLOBAL_FOLDER: `${cache}/yarn-berry`, YARN_ENABLE_TELEMETRY: "0", ...way };
}

/** Resolves as cancelled when the signal aborts. */
function abortOf(signal: AbortSignal): Promise<Outcome<never>> {
	return new Promise((resolve) => signal.addEventListener("abort", () => resolve(failed({ code: "cancelled" })), { once: true }));
}
