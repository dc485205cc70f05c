import { outputOf } from "../../lib/deployment/selectors.ts";
import { AppError } from "../../lib/errors.ts";
import { formatBytes, formatDuration } from "../../lib/format.ts";
import { failed, type Outcome, succeeded } from "../../lib/protocol/index.ts";
import type { Target } from "../targets/target.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { planOf } from "./source-of.ts";
import { ensureBuild, type TesterOptions } from "./tester.ts";

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
			commit: outputOf(state, "clone").commit ?? null,
			plan: planOf(state),
			buildDir: buildDir.value,
			env: await work.environment(),
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

async function verify(work: Work, { target }: DeployerOptions): Promise<Outcome<StageResult>> {
	const { release } = outputOf(work.state, "deploy");
	if (!release) throw new AppError("result_missing");
	work.reporter.awaiting("the preview to answer");
	await target.start(release);
	const checked = await target.check(release, work.reporter, work.signal).catch((error: unknown) => {
		if (!work.signal.aborted) throw error;
		return failed({ code: "cancelled" });
	});
	if (!checked.ok || work.signal.aborted) {
		await target.stop(release);
		return checked.ok ? failed({ code: "cancelled" }) : failed({ lines: await target.lastLines(release), ...checked.failure });
	}
	const { url } = await target.activate(release);
	await work.record({ type: "preview_ready", content: `The preview answers at ${url}`, metadata: { url, release } });
	await work.record({
		type: "build_completed",
		content: `${work.state.project.name} is built and running.`,
		metadata: { preview_url: url, release },
	});
	const { status, tookMs } = checked.value;
	return succeeded({
		text: `The preview answers with ${status} in ${Math.round(tookMs)} ms`,
		facts: { status, answered: `${Math.round(tookMs)} ms` },
		output: { release, preview_url: url },
		response: `${work.state.project.name} is live at ${url}.`,
	});
}
