import { formatCount } from "../../lib/format.ts";
import { commandText, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { openFiles } from "../causes/open-files.ts";
import type { Sandbox } from "../exec/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { BuildPhase, BuildRequest } from "./build-request.ts";
import type { KeptParts } from "./caches/kept-parts.ts";
import { type CommandSetting, percentWithin, runStep, type Step } from "./command.ts";
import { insideCache, insideWorkspace, workspace } from "./inside.ts";
import { lockedPackages, watchPackages } from "./install-progress.ts";
import type { Toolchain } from "./toolchains.ts";

export interface PlanRun {
	request: BuildRequest;
	sandbox: Sandbox;
	reporter: Reporter;
	openRedactor: () => Redactor;
	phase(phase: BuildPhase, command: string | null, sentence?: string): void;
	toolchain: Toolchain | null;
	/** Host folder of the copy of the source. */
	tree: string;
	/** Host folder of the package managers' stores. */
	store: string;
	kept: KeptParts;
	/** On the clock of `performance.now()`. */
	deadlineAt: number;
}

/** Runs the install and build commands of a plan in the tree, beginning with what an earlier build of the project has left. */
export async function runPlan(run: PlanRun): Promise<Outcome<null>> {
	const { request, sandbox, reporter, tree, kept } = run;
	const { plan } = request;
	if (plan.install === null && plan.build === null) return succeeded(null);
	await sandbox.prepareWritable(tree);
	const setting: CommandSetting = {
		...request,
		...run,
		files: await openFiles(request.sourceDir, plan.directory),
		mounts: [
			{ host: tree, inside: workspace, writable: true },
			{ host: run.store, inside: insideCache, writable: true },
		],
	};
	const carryOut = async (phase: BuildPhase, step: Step): Promise<Outcome<unknown>> => {
		const command = commandText(step.argv);
		run.phase(phase, command);
		reporter.progress(`Running ${command}`);
		return runStep(step, setting);
	};

	if (plan.install !== null) {
		const entry = await kept.putBackDependencies();
		if (entry !== null) {
			const files = formatCount(entry.files, "file");
			run.phase("install", null, "Putting back the dependencies of an earlier build.");
			reporter.output(`The lockfile is that of an earlier build: its installed dependencies are put back (${files}).\n`, "quayside");
			reporter.progress(`Put back ${files} of dependencies`);
		} else {
			await kept.beforeInstall();
			const folder = plan.installDirectory ?? plan.directory;
			const packages = plan.packageManager === "npm" ? await lockedPackages(tree, folder) : null;
			const step = installStep(plan, plan.install, packages);
			const percentOf = (share: number) => percentWithin(step, share);
			const watch = packages && watchPackages(tree, folder, packages, { reporter, percentOf });
			const installed = await carryOut("install", step).finally(() => watch?.stop());
			if (!installed.ok) return installed;
			await kept.afterInstall();
		}
	}
	if (plan.build === null) return succeeded(null);
	await kept.putBackFrameworkCaches();
	const awaiting = `${commandText(plan.build)} to finish`;
	const percents = [plan.install === null ? 0 : half, whole] as const;
	const cwd = insideWorkspace(plan.directory);
	const built = await carryOut("build", { argv: plan.build, cwd, failure: "build_failed", percents, awaiting });
	return built.ok ? succeeded(null) : built;
}

/** Of a stage's progress: what the install stands for where a build follows, and what the commands stand for together. */
const half = 50;
const whole = 95;

function installStep(
	{ directory, installDirectory, packageManager, language, build }: Plan,
	argv: readonly string[],
	packages: readonly string[] | null,
): Step {
	const what = packages === null ? "the dependencies" : formatCount(packages.length, "package");
	const program = packageManager ?? (argv[0] === "sh" ? null : argv[0]);
	const awaiting = program === null ? `the ${language} dependencies to be installed` : `${program} to install ${what}`;
	const cwd = insideWorkspace(installDirectory ?? directory);
	return { argv, cwd, failure: "install_failed", percents: [0, build === null ? whole : half], awaiting };
}
