import type { Plan } from "../../../lib/protocol/index.ts";
import type { SandboxHost } from "../../exec/layout.ts";
import type { EgressPolicy, Mount } from "../../exec/sandbox.ts";
import type { ReleaseFolder } from "./folders.ts";
import type { RunnerSpec } from "./runner-spec.ts";
import type { RestartPolicy } from "./supervisor.ts";

/** The programs an app is run with. */
export interface AppToolchain {
	mounts: readonly Mount[];
	/** Value of `PATH` inside. */
	path: string;
	/** What its programs must know of the run they are used in. */
	environment(place: { cacheDir: null; memoryMb: number; proxied: boolean }): Record<string, string>;
}

export interface AppSpecOptions {
	releaseId: string;
	plan: Plan;
	env: Readonly<Record<string, string>>;
	folder: ReleaseFolder;
	toolchain: AppToolchain;
	host: SandboxHost;
	egress: EgressPolicy;
	memoryMb: number | null;
	restarts: RestartPolicy;
}

/** Where the app was built too: some builds write absolute paths into their result. */
const workspace = "/workspace";
const defaultMemoryMb = 512;
const logBytes = 5 * 1024 * 1024;

/** Everything a runner needs for a release. `PORT` is added at each start. */
export function appSpec(options: AppSpecOptions): RunnerSpec {
	const { releaseId, plan, env, folder, host, toolchain } = options;
	if (plan.start === null) throw new Error(`the plan of release ${releaseId} has no start command`);
	const memoryMb = options.memoryMb ?? defaultMemoryMb;
	const appFolder = plan.directory === "" ? workspace : `${workspace}/${plan.directory}`;
	return {
		version: 1,
		host,
		run: {
			mark: releaseId,
			argv: plan.start,
			cwd: appFolder,
			// The result of a plan that installs in another folder is the whole repository.
			mounts: [...toolchain.mounts, { host: folder.app, inside: plan.installDirectory === null ? appFolder : workspace, writable: true }],
			env: {
				NODE_ENV: "production",
				// Inside its own network an app may listen everywhere; without one it stays on this machine.
				HOST: host.isolation === "none" ? "127.0.0.1" : "0.0.0.0",
				...toolchain.environment({ cacheDir: null, memoryMb, proxied: host.isolation !== "none" }),
				...plan.env,
				...env,
				PATH: toolchain.path,
			},
			network: { mode: "egress", policy: options.egress },
			limits: { memoryMb, processes: 256, fileMb: 1024, diskMb: 4096 },
		},
		port: plan.port,
		runsDir: folder.runs,
		log: folder.log,
		logBytes,
		state: folder.state,
		controlSocket: folder.controlSocket,
		appSocket: folder.appSocket,
		hide: Object.values(env),
		restarts: options.restarts,
	};
}
