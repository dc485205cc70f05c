import { commitOf, outputOf } from "../../lib/deployment/selectors.ts";
import { AppError, isAppError } from "../../lib/errors.ts";
import { formatBytes, formatDuration } from "../../lib/format.ts";
import { failed, type Outcome, succeeded, type WorkFailure } from "../../lib/protocol/index.ts";
import { releaseKey } from "../build/build-key.ts";
import { openFiles } from "../causes/open-files.ts";
import type { HealthKnown, HealthyAnswer, Target } from "../targets/target.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { explainApp } from "./explain-app.ts";
import { mayReuse } from "./reuse.ts";
import { builtSourceOf, planOf } from "./source-of.ts";
import { ensureBuild, type TesterOptions, textOf } from "./tester.ts";

/** Lines of an app's output in which the cause of its failure is looked for. */
const explainedLines = 200;

export interface DeployerOptions extends TesterOptions {
	target: Target;
}

/** Puts the build where it runs, and claims a preview only after it has answered: deploy, verify. */
export function createDeployer(options: DeployerOptions): Agent {
	return {
		name: "Deployer",
		opening: (stage) => (stage === "deploy" ? "Deploying to this machine." : "Checking that the preview answers."),
		perform: (stage, work) => (stage === "deploy" ? deploy(work, options) : verify(work, options)),
	};
}

async function deploy(work: Work, options: DeployerOptions): Promise<Outcome<StageResult>> {
	const { target } = options;
	const { state } = work;
	const kept = await keepRelease(work, options);
	if (kept !== null) return succeeded(kept);
	// Committed before anything is put in place: until then a pause or a cancel can still come in between.
	await work.record({ type: "deploy_started", content: `Deploying to the ${target.name} target.`, metadata: { target: target.name } });
	const buildDir = await ensureBuild(work, options);
	if (!buildDir.ok) return buildDir;
	const startedAt = performance.now();
	// One release a deployment: an attempt that takes over finds what the one before it began.
	const release = state.id;
	const preparing = target.prepare(
		{
			id: release,
			projectId: state.project.id,
			projectSlug: state.project.slug,
			deploymentId: state.id,
			commit: commitOf(state),
			plan: planOf(state),
			buildDir: buildDir.value,
			env: await work.environment("runtime"),
			key: await keyOf(work, options),
		},
		work.reporter,
		work.signal,
	);
	const prepared = await preparing.catch((error: unknown) => {
		if (!work.signal.aborted) throw error;
		return failed({ code: "cancelled" });
	});
	if (!prepared.ok || work.signal.aborted) {
		await target.remove(release);
		return prepared.ok ? failed({ code: "cancelled" }) : prepared;
	}
	const size = formatBytes(prepared.value.sizeBytes);
	return succeeded({
		text: `Release ready, ${size}, ${formatDuration(performance.now() - startedAt)}`,
		facts: { size, target: target.name },
		output: { release },
	});
}

/** The release that visitors are sent to, when this deployment would make the same and it answers well: it goes on as it is. */
async function keepRelease(work: Work, options: DeployerOptions): Promise<StageResult | null> {
	const key = mayReuse(work.state) ? await keyOf(work, options) : null;
	const live = key === null ? null : await options.target.findLive(work.state.project.id, key, work.signal);
	if (live === null) return null;
	const number = (await work.earlier()).find(({ id }) => id === live.deploymentId)?.number;
	const since = number === undefined ? "an earlier deployment" : `deployment ${number}`;
	const size = formatBytes(live.sizeBytes);
	return {
		text: `Nothing changed since ${since}: its release goes on without a restart, ${size}`,
		facts: { size, target: options.target.name },
		output: { release: live.id },
		reused: true,
	};
}

/** Null where it is not known what the build was made of. */
async function keyOf(work: Work, { fingerprint }: DeployerOptions): Promise<string | null> {
	const { build_key: build } = outputOf(work.state, "build");
	if (build === undefined) return null;
	return releaseKey({ build, plan: planOf(work.state), environment: fingerprint(textOf(await work.environment("runtime"))) });
}

async function verify(work: Work, { target }: DeployerOptions): Promise<Outcome<StageResult>> {
	const { release } = outputOf(work.state, "deploy");
	if (!release) throw new AppError("result_missing");
	work.reporter.awaiting("the preview to answer");
	const isOwn = release === work.state.id;
	// A retry may go on from a release that never was well.
	const wentOn = !isOwn && mayReuse(work.state);
	const checked = await startAndCheck(target, release, work, { healthyBefore: wentOn, wentOn }).catch((error: unknown) => {
		if (!work.signal.aborted) throw error;
		return failed({ code: "cancelled" });
	});
	if (!checked.ok || work.signal.aborted) {
		// A release that visitors are sent to is not this deployment's to stop.
		await (isOwn ? target.stop(release) : target.abandon(release));
		return checked.ok ? failed({ code: "cancelled" }) : failed(await explained(checked.failure, release, work, target));
	}
	const { url } = await target.activate(release);
	work.say({ type: "preview_ready", content: `The preview answers at ${url}`, metadata: { url, release } });
	work.say({
		type: "build_completed",
		content: `${work.state.project.name} is built and running.`,
		metadata: { preview_url: url, release },
	});
	const { status, tookMs } = checked.value;
	return succeeded({
		text: `The preview answers with ${status} in ${Math.round(tookMs)} ms`,
		facts: { status, answered: `${Math.round(tookMs)} ms` },
		output: { release, preview_url: url },
		response: `${work.state.project.name} went live at ${url}.`,
	});
}

async function explained(failure: WorkFailure, release: string, work: Work, target: Target): Promise<WorkFailure> {
	const plan = planOf(work.state);
	const { text } = await target.readLog(release, { lines: explainedLines });
	// A release that never answered is not shown among the project's, so that its output is read here or nowhere.
	if (text !== "") await work.reporter.output(text.endsWith("\n") ? text : `${text}\n`, "stdout");
	const files = await openFiles(work.sourceDir(builtSourceOf(work.state)), plan.directory);
	return explainApp({ failure: { lines: await target.lastLines(release), ...failure }, output: text, plan, files });
}

async function startAndCheck(
	target: Target,
	release: string,
	{ reporter, signal }: Work,
	how: HealthKnown,
): Promise<Outcome<HealthyAnswer>> {
	const started = await target.start(release, reporter, signal).catch((error: unknown) => {
		// Retention deletes what never went live an hour after its deployment.
		throw isAppError(error) && error.code === "not_found" ? new AppError("result_missing", { cause: error }) : error;
	});
	return started.ok ? target.check(release, reporter, signal, how) : started;
}
