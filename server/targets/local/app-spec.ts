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
	const appFolder = plan.directory === "" ? workspace : `${workspace}/${plan.directory}`;
	return {
		version: 1,
		host,
		run: {
			mark: releaseId,
			argv: plan.start,
			cwd: appFolder,
			mounts: [...toolchain.mounts, { host: folder.app, inside: appFolder, writable: true }],
			env: {
				NODE_ENV: "production",
				// Inside its own network an app may listen everywhere; without one it stays on this machine.
				HOST: host.isolation === "none" ? "127.0.0.1" : "0.0.0.0",
				...env,
				PATH: toolchain.path,
			},
			network: { mode: "egress", policy: options.egress },
			limits: { memoryMb: options.memoryMb ?? defaultMemoryMb, processes: 256, fileMb: 1024 },
		},
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
