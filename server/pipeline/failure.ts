import { errorCatalogue } from "../../lib/errors.ts";
import type { Failure, WorkFailure } from "../../lib/protocol/index.ts";
import { cutTo } from "../agents/cut-to.ts";
import type { AttemptRecorder } from "./attempt-recorder.ts";

/** Bounds on what a failure repeats of a project's own words; fifteen lines and three texts stay far below an event's 32 KB. */
const maxFailureLineBytes = 1200;
const maxFailureTextBytes = 2000;

/** What people are shown of a failure: specific where the work said so, without secrets, small enough for an event. */
export function failureOf(failure: WorkFailure, reference: string, recorder: AttemptRecorder): Failure {
	const known = errorCatalogue[failure.code];
	const said = (failure.lines ?? []).slice(-15).map((line) => recorder.redact(line));
	const decisive = failure.decisive == null ? -1 : said.indexOf(recorder.redact(failure.decisive));
	return {
		code: failure.code,
		message: cutTo(maxFailureTextBytes, recorder.redact(failure.message ?? known.message)),
		action: cutTo(maxFailureTextBytes, recorder.redact(failure.action ?? known.action)),
		reference,
		command: failure.command === undefined ? null : cutTo(maxFailureTextBytes, recorder.redact(failure.command)),
		exit_code: failure.exitCode ?? null,
		lines: said.map((line) => cutTo(maxFailureLineBytes, line)),
		first_line: said.map((line) => recorder.lineNumber(line)).find((number) => number !== null) ?? null,
		decisive: decisive < 0 ? null : decisive,
		cause: failure.cause ?? null,
	};
}
