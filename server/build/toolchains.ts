import { constants } from "node:fs";
import { access, cp, link, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import semver from "semver";
import { AppError } from "../../lib/errors.ts";
import { failed, type Outcome, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";
import type { Mount, Sandbox } from "../exec/sandbox.ts";

/** Node and npm for a run: what to mount and what to put on the `PATH`. */
export interface Toolchain {
	/** Exact version of Node. */
	version: string;
	mounts: readonly Mount[];
	path: string;
	/** What the package manager must know of this machine. */
	env: Readonly<Record<string, string>>;
}

export interface ToolchainRequest {
	/** A major ("24"), or an exact version. */
	version: string;
	mark: string;
	signal: AbortSignal;
	timeoutMs: number;
}

export interface Toolchains {
	/** Answers Node in this version with npm beside it; one that is not here yet is fetched from the package registry. */
	node(request: ToolchainRequest, tools: { sandbox: Sandbox; reporter: Reporter }): Promise<Outcome<Toolchain>>;
	/** Puts the Node at hand in its place ahead of the first build, and clears away what a crash left half made. */
	warm(): Promise<void>;
}

export interface ToolchainsOptions {
	/** `QUAYSIDE_HOME`; a folder `toolchains` is made in it. */
	home: string;
	/** The Node at hand, used where its version fits. */
	nodePath: string;
	nodeVersion: string;
	/** Where npm is looked for: npm's own word for its program (`npm_execpath`), then the folders of `PATH`. */
	npmExecPath: string | null;
	path: string;
	/** Hosts that may be reached wherever they resolve to: the package registry. */
	registryHosts: readonly string[];
	/** Address of the package registry, when it is not npm's own. */
	registryUrl?: string;
}

/** Where a toolchain lies inside the sandbox. */
const insideDir = "/quayside/toolchain";
const systemPath = "/usr/local/bin:/usr/bin:/bin";

/** Toolchains under the home, each in the layout of a Node distribution: `bin/node`, `bin/npm`, `lib/node_modules/npm`. */
export function openToolchains(options: ToolchainsOptions): Toolchains {
	const root = join(options.home, "toolchains");
	const pending = new Map<string, Promise<Outcome<string>>>();

	/** One fetch at a time for a version; what failed is tried again by the next caller. */
	function once(key: string, make: () => Promise<Outcome<string>>): Promise<Outcome<string>> {
		const running = pending.get(key) ?? make().finally(() => pending.delete(key));
		pending.set(key, running);
		return running;
	}

	const made = (version: string) => toolchain(root, version, options);

	return {
		async node(request, tools) {
			const { version, signal } = request;
			for (;;) {
				if (signal.aborted) return failed({ code: "cancelled" });
				const ready = await find(root, version);
				if (ready !== null) return succeeded(made(ready));
				const making = fits(options.nodeVersion, version)
					? once(options.nodeVersion, () => adopt(root, options))
					: once(version, () => fetchNode(root, options, request, tools));
				const outcome = await Promise.race([making, abortOf(signal)]);
				if (outcome.ok) return succeeded(made(outcome.value));
				// Whoever began the fetch may have given it up; this caller has not.
				if (outcome.failure.code !== "cancelled") return outcome;
			}
		},
		async warm() {
			for (const name of await readdir(root).catch(() => [])) {
				if (halfMade.test(name) && pending.size === 0) await rm(join(root, name), { recursive: true, force: true });
			}
			if ((await find(root, options.nodeVersion)) === null) await once(options.nodeVersion, () => adopt(root, options));
		},
	};
}

/** Folders that a crash in the middle leaves behind. */
const halfMade = /^(?:make|fetch)-/;
const npmRegistry = "https://registry.npmjs.org";

function toolchain(root: string, version: string, { registryUrl }: ToolchainsOptions): Toolchain {
	const other = registryUrl !== undefined && registryUrl.replace(/\/+$/, "") !== npmRegistry;
	return {
		version,
		mounts: [{ host: join(root, `node-${version}`), inside: insideDir, writable: false }],
		path: `${insideDir}/bin:${systemPath}`,
		env: other ? { npm_config_registry: registryUrl } : {},
	};
}

/** The newest version that is here and fits. */
async function find(root: string, wanted: string): Promise<string | null> {
	const names = await readdir(root).catch(() => []);
	const versions = names.flatMap((name) => /^node-(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? []);
	return versions.filter((version) => fits(version, wanted)).sort(semver.rcompare)[0] ?? null;
}

function fits(version: string, wanted: string): boolean {
	return /^\d+$/.test(wanted) ? String(semver.major(version)) === wanted : version === wanted;
}

/** Puts the Node at hand into the layout. */
async function adopt(root: string, options: ToolchainsOptions): Promise<Outcome<string>> {
	return assemble(root, options, options.nodeVersion, (file) => link(options.nodePath, file).catch(() => copyFile(options.nodePath, file)));
}

/** Fetches Node's binary as the registry has it: a package per platform, installed without running anything of it. */
async function fetchNode(
	root: string,
	options: ToolchainsOptions,
	request: ToolchainRequest,
	{ sandbox, reporter }: { sandbox: Sandbox; reporter: Reporter },
): Promise<Outcome<string>> {
	const npm = await adopted(root, options);
	reporter.progress(`Fetching Node ${request.version}`);
	reporter.awaiting(`Node ${request.version} from the package registry`);
	const name = `node-${process.platform}-${process.arch}`;
	await mkdir(root, { recursive: true });
	const folder = await mkdtemp(join(root, "fetch-"));
	try {
		await sandbox.prepareWritable(folder);
		const run = await sandbox.run({
			mark: request.mark,
			argv: [
				"npm",
				"install",
				"--prefix",
				"/workspace",
				"--ignore-scripts",
				"--no-audit",
				"--no-fund",
				"--no-package-lock",
				`${name}@${request.version}`,
			],
			cwd: "/workspace",
			mounts: [...npm.mounts, { host: folder, inside: "/workspace", writable: true }],
			env: { ...npm.env, PATH: npm.path, HOME: inside.home, npm_config_update_notifier: "false", npm_config_cache: `${inside.tmp}/npm` },
			network: { mode: "egress", policy: { allowPrivate: false, allowPrivateHosts: options.registryHosts } },
			limits: { memoryMb: 2048, processes: 64, fileMb: 1024, timeoutMs: request.timeoutMs, outputBytes: 1024 * 1024 },
			signal: request.signal,
			onOutput: (chunk, from) => reporter.output(chunk, from),
		});
		if (run.reason === "aborted") return failed({ code: "cancelled" });
		if (run.reason === "timeout") return failed({ code: "stage_timeout", message: `Fetching Node ${request.version} took too long.` });
		if (run.exitCode !== 0)
			return failed({
				code: "install_failed",
				message: `Node ${request.version} could not be fetched from the package registry.`,
				exitCode: run.exitCode,
			});
		const fetched = join(folder, "node_modules", name);
		const { version } = JSON.parse(await readFile(join(fetched, "package.json"), "utf8")) as { version: string };
		return await assemble(root, options, version, (file) => copyFile(join(fetched, "bin/node"), file));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** The toolchain of the Node at hand, whose npm fetches the others. */
async function adopted(root: string, options: ToolchainsOptions): Promise<Toolchain> {
	if ((await find(root, options.nodeVersion)) === null) await adopt(root, options);
	return toolchain(root, options.nodeVersion, options);
}

/** Builds a toolchain beside its place and renames it there, so that a half-made one is never found. */
async function assemble(
	root: string,
	options: ToolchainsOptions,
	version: string,
	putNode: (file: string) => Promise<void>,
): Promise<Outcome<string>> {
	if (semver.valid(version) === null) throw new AppError("internal", { detail: `a toolchain without a version: ${version}` });
	const npm = await findNpm(options);
	const place = join(root, `node-${version}`);
	await mkdir(root, { recursive: true });
	const folder = await mkdtemp(join(root, "make-"));
	try {
		await mkdir(join(folder, "node/bin"), { recursive: true });
		await putNode(join(folder, "node/bin/node"));
		await mkdir(join(folder, "node/lib/node_modules"), { recursive: true });
		// Some 2000 small files: the system's own cp takes a tenth of the time.
		await execa("cp", ["-RL", "--", npm, join(folder, "node/lib/node_modules/npm")], { stdio: "ignore" });
		for (const name of ["npm", "npx"]) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, "node/bin", name));
		await rename(join(folder, "node"), place).catch(async (error) => {
			if ((await find(root, version)) === null) throw error;
		});
		return succeeded(version);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Resolves as cancelled when the signal aborts. */
function abortOf(signal: AbortSignal): Promise<Outcome<never>> {
	return new Promise((resolve) => signal.addEventListener("abort", () => resolve(failed({ code: "cancelled" })), { once: true }));
}

async function copyFile(from: string, to: string): Promise<void> {
	await cp(from, to, { mode: constants.COPYFILE_FICLONE, dereference: true });
}

/** Folder of the npm package. The Node at hand may have come without one, so it is looked for where programs are. */
async function findNpm({ npmExecPath, path, nodePath }: ToolchainsOptions): Promise<string> {
	const programs = [npmExecPath, join(dirname(nodePath), "npm"), ...path.split(delimiter).map((folder) => join(folder, "npm"))];
	for (const program of programs) {
		if (!program) continue;
		const real = await realpath(program).catch(() => null);
		const folder = real === null ? null : /^(.*[/\\]npm)[/\\]bin[/\\][^/\\]+$/.exec(real)?.[1];
		if (
			folder &&
			(await access(join(folder, "bin/npm-cli.js")).then(
				() => true,
				() => false,
			))
		)
			return folder;
	}
	throw new AppError("install_failed", {
		message: "npm was not found on this machine.",
		action: "Install npm, restart Quayside and retry.",
	});
}
