import type { ToolName } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";

/** Where and how large the run is in which tools are used. */
export interface ToolPlace {
	/** Folder inside the sandbox that outlives the run; null where there is none. */
	cacheDir: string | null;
	/** Bound on the memory of the run, in MB. */
	memoryMb: number;
	/** True where runs reach the network through the sandbox's own proxy. */
	proxied: boolean;
}

/** Share of a run's memory that a Java heap may take: classes, threads and compiled code need the rest. */
const javaHeapPercent = 60;

const environments: Partial<Record<ToolName, (cache: string, place: ToolPlace) => Record<string, string>>> = {
	// npm, compilers and bundlers are large programs: what the project's last build compiled of them is kept.
	node: (cache, { cacheDir }) => ({ npm_config_cache: `${cache}/npm`, ...(cacheDir && { NODE_COMPILE_CACHE: `${cacheDir}/node` }) }),
	pnpm: (cache) => ({ npm_config_store_dir: `${cache}/pnpm` }),
	python: () => ({ PYTHONUNBUFFERED: "1" }),
	pip: (cache) => ({
		PIP_CACHE_DIR: `${cache}/pip`,
		PIP_DISABLE_PIP_VERSION_CHECK: "1",
		PIP_NO_INPUT: "1",
		PIP_PROGRESS_BAR: "off",
		// A registry that cannot be reached is named after seconds, not after minutes.
		PIP_RETRIES: "2",
		PIP_DEFAULT_TIMEOUT: "20",
		UV_CACHE_DIR: `${cache}/uv`,
		UV_PYTHON_DOWNLOADS: "never",
		POETRY_CACHE_DIR: `${cache}/poetry`,
	}),
	go: (cache) => ({
		GOPATH: `${inside.home}/go`,
		GOCACHE: `${cache}/go-build`,
		GOMODCACHE: `${cache}/go-mod`,
		// Without it the modules in the cache could not be deleted by their owner.
		GOFLAGS: "-modcacherw",
		GOTOOLCHAIN: "auto",
	}),
	php: () => ({ PHP_CLI_SERVER_WORKERS: "4" }),
	composer: (cache) => ({
		COMPOSER_HOME: `${inside.home}/.composer`,
		COMPOSER_CACHE_DIR: `${cache}/composer`,
		COMPOSER_NO_INTERACTION: "1",
		COMPOSER_NO_AUDIT: "1",
	}),
	bundler: (cache) => ({ BUNDLE_USER_HOME: `${cache}/bundle`, BUNDLE_SILENCE_ROOT_WARNING: "1", BUNDLE_RETRY: "1" }),
	rust: (cache) => ({ CARGO_HOME: `${cache}/cargo`, CARGO_TARGET_DIR: `${cache}/cargo-target`, CARGO_NET_RETRY: "1" }),
	java: (_cache, place) => ({ JAVA_TOOL_OPTIONS: javaOptions(place).join(" ") }),
	maven: (cache) => ({ MAVEN_OPTS: `-Dmaven.repo.local=${cache}/maven -Dstyle.color=never` }),
	gradle: (cache) => ({ GRADLE_USER_HOME: `${cache}/gradle`, GRADLE_OPTS: "-Dorg.gradle.daemon=false -Dorg.gradle.console=plain" }),
	hugo: (cache) => ({ HUGO_CACHEDIR: `${cache}/hugo` }),
	deno: () => ({ DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" }),
	bun: (cache) => ({ BUN_INSTALL_CACHE_DIR: `${cache}/bun`, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" }),
};

/** What tools must know of the sandbox: where their caches lie, how much memory there is, where the way out is. */
export function toolEnvironment(tools: readonly ToolName[], place: ToolPlace): Record<string, string> {
	const cache = place.cacheDir ?? `${inside.home}/.cache`;
	return Object.assign({}, ...tools.map((name) => environments[name]?.(cache, place) ?? {}));
}

/**
 * Folders that come first on the `PATH` of a plan's commands, relative to the app's folder: a project's own environment is found by
 * the names of its programs, as after `activate`, also by commands that people write themselves.
 */
export function toolFolders(tools: readonly ToolName[]): string[] {
	return tools.includes("pip") ? [".venv/bin"] : [];
}

/** Java sees the whole machine's memory, and knows nothing of `HTTP_PROXY`. */
function javaOptions({ memoryMb, proxied }: ToolPlace): string[] {
	const proxy = ["http", "https"].flatMap((scheme) => [
		`-D${scheme}.proxyHost=127.0.0.1`,
		`-D${scheme}.proxyPort=${inside.proxyPort}`,
		`-D${scheme}.nonProxyHosts=localhost|127.*|[::1]`,
	]);
	return [`-XX:MaxRAM=${memoryMb}m`, `-XX:MaxRAMPercentage=${javaHeapPercent}`, "-XX:+UseSerialGC", ...(proxied ? proxy : [])];
}
