import { Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError, errorCatalogue, errorCodes } from "#lib/errors.ts";
import { failed, isTerminal, type Outcome } from "#lib/protocol/index.ts";
import type { StageResult } from "#server/agents/agent.ts";
import { createLog, reportErrorTo } from "#server/log.ts";
import type { AttemptRecorder } from "#server/pipeline/attempt-recorder.ts";
import { failureOf } from "#server/pipeline/failure.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { performWell, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";

let database: TestDatabase;
let pipeline: TestPipeline;
/** What the stage does next. */
let happens: () => Outcome<StageResult>;
let lines: Record<string, unknown>[] = [];

beforeAll(async () => {
	const into = new Writable({
		write(chunk, _encoding, done) {
			lines.push(JSON.parse(String(chunk)));
			done();
		},
	});
	database = await startTestDatabase();
	pipeline = await startTestPipeline(database, async (stage, work) => (stage === "clone" ? happens() : performWell(stage, work)), {
		reportError: reportErrorTo(createLog("info", into)),
	});
});
afterAll(async () => {
	await pipeline.stop();
	await database.stop();
});

const recorder = { redact: (text: string) => text, lineNumber: () => null } as Partial<AttemptRecorder> as AttemptRecorder;

it.each(errorCodes)("%s of a stage has its own sentences and a reference (R205)", (code) => {
	const { message, action } = errorCatalogue[code];
	expect(failureOf({ code }, "ref-1", recorder)).toMatchObject({ code, message, action, reference: "ref-1", lines: [], cause: null });
});

const { internal, disk_full: full } = errorCatalogue;

it.each<[string, () => Outcome<StageResult>, object, object | null]>([
	[
		"a fault of ours",
		() => {
			throw new TypeError("x is not a function");
		},
		{ code: "internal", message: internal.message, action: internal.action },
		{ level: 50, err: { type: "TypeError", message: "x is not a function", stack: expect.stringContaining("workflow-errors.test") } },
	],
	[
		"no error at all",
		() => {
			throw "a word";
		},
		{ code: "internal", message: internal.message },
		{ level: 50, err: "a word" },
	],
	[
		"a fault of the machine, which is known",
		() => {
			throw new AppError("disk_full", { detail: "in /w", cause: new Error("ENOSPC: write") });
		},
		{ code: "disk_full", message: full.message, action: full.action },
		{ level: 40, code: "disk_full", detail: "in /w", cause: "ENOSPC: write" },
	],
	[
		"a request that cannot be met",
		() => {
			throw new AppError("ref_not_found", { message: "There is no branch “x”.", cause: new Error("fatal: couldn't find remote ref x") });
		},
		{ code: "ref_not_found", message: "There is no branch “x”.", action: errorCatalogue.ref_not_found.action },
		{ level: 30, code: "ref_not_found", cause: "fatal: couldn't find remote ref x" },
	],
	[
		"a project that does not build",
		() => failed({ code: "build_failed", lines: ["error TS2304"], decisive: "error TS2304", exitCode: 2 }),
		{ code: "build_failed", message: errorCatalogue.build_failed.message, lines: ["error TS2304"], decisive: 0, exit_code: 2 },
		// It is no error of ours: the deployment's own record has all of it.
		null,
	],
])(
	"%s ends the deployment with a sentence, a way out, and a log entry under its reference (R205, R214)",
	async (_, stage, shown, logged) => {
		happens = stage;
		lines = [];
		const id = await pipeline.start();
		const { status, error } = await pipeline.until(id, (state) => isTerminal(state.status));
		expect(status).toBe("failed");
		expect(error).toMatchObject({ ...shown, reference: expect.stringMatching(/.{8}/) });
		const reference = error?.reference;
		expect(lines).toEqual(logged ? [expect.objectContaining({ ...expected(logged), reference, deployment: id, stage: "clone" })] : []);
	},
);

/** Objects within are matched by what they have. */
function expected(logged: object): object {
	return Object.fromEntries(
		Object.entries(logged).map(([key, value]) => [
			key,
			key === "err" && typeof value === "object" ? expect.objectContaining(value) : value,
		]),
	);
}
