import { endOfFixes, fingerprintOf, fixArtifact, isRepairable } from "../../lib/deployment/fixes.ts";
import type { FixProposal, Outcome } from "../../lib/protocol/index.ts";
import type { Agent, StageResult, Work } from "../agents/agent.ts";
import type { AttemptIdentity, AttemptRecorder } from "./attempt-recorder.ts";
import { failureOf } from "./failure.ts";

/** A repair, and whether a person has to allow it. */
export interface Proposed {
	fix: FixProposal;
	ask: boolean;
}

interface FailedAttempt {
	identity: AttemptIdentity;
	outcome: Outcome<StageResult> | { thrown: unknown };
	developer: Agent;
	work: Work;
	recorder: AttemptRecorder;
}

/**
 * Asks the Developer for a repair of what made a stage fail, where the project lets repairs be made and they have not come to their
 * end; keeps its diff for people. null where there is none. A repair that would show a secret is none.
 */
export async function proposeFix({ identity, outcome, developer, work, recorder }: FailedAttempt): Promise<Proposed | null> {
	if (
		!("ok" in outcome) ||
		outcome.ok ||
		!isRepairable(identity.stage) ||
		work.fixPolicy === "off" ||
		work.signal.aborted ||
		!developer.repair
	)
		return null;
	const failure = failureOf(outcome.failure, identity.id, recorder);
	if (endOfFixes(work.state, fingerprintOf(identity.stage, failure)) !== null) return null;
	recorder.awaiting("the Developer to look for a repair");
	const fix = await developer.repair(identity.stage, outcome.failure, work);
	if (fix === null || recorder.redact(fix.diff) !== fix.diff) return null;
	await work.keepArtifact(fixArtifact(work.state.fixes.length + 1), "text/x-diff", fix.diff);
	return { fix, ask: work.fixPolicy === "ask" };
}
