import { metricsOf } from "#lib/deployment/metrics.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { formatCount, formatDuration, formatUsd } from "#lib/format.ts";
import type { ModelUsage } from "#lib/protocol/index.ts";

const none: ModelUsage = { calls: 0, attempts: 0, cached: 0, tokens: { input: 0, output: 0 }, costUsd: 0, durationMs: 0, agents: [] };

/** What a deployment took and made, piece by piece: "Took 31 s", "3 files written", "4 calls of a model, 12,340 tokens". */
export function whatItTook(state: DeploymentState, used: ModelUsage | null): string[] {
	const { totalMs, filesWritten, models } = metricsOf(state, used ?? none);
	return [
		...(totalMs === null ? [] : [`Took ${formatDuration(totalMs)}`]),
		...(filesWritten ? [`${formatCount(filesWritten, "file")} written`] : []),
		...callsOf(models),
	];
}

function callsOf({ calls, attempts, tokens }: ModelUsage): string[] {
	if (calls === 0 && attempts === 0) return [];
	const asked = calls > 0 ? `${formatCount(calls, "call")} of a model` : `${formatCount(attempts, "call")} of a model without an answer`;
	const all = tokens.input + tokens.output;
	return [all > 0 ? `${asked}, ${formatCount(all, "token")}` : asked];
}

/** What its calls of models cost, in words; empty until that is known. */
export function costOf(used: ModelUsage | null): string[] {
	if (used === null) return [];
	if (used.calls === 0 && used.attempts === 0) return ["No model was called"];
	return [used.costUsd === null ? "price not known" : formatUsd(used.costUsd)];
}
