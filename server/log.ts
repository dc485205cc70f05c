import { randomUUID } from "node:crypto";
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { isAppError } from "../lib/errors.ts";
import { createRedactor } from "./secrets/redact.ts";

export type { Logger };

/** The structured log of this process, on standard output or `into`: one JSON object a line, without secrets. */
export function createLog(level: string, into?: DestinationStream): Logger {
	const { redact } = createRedactor([]);
	const options: LoggerOptions = {
		level,
		base: null,
		redact: { paths: ["headers.authorization", "headers.cookie", "*.password", "*.token"], censor: "[hidden]" },
		serializers: { err: describeError },
		hooks: {
			streamWrite: (line) => redact(line),
		},
	};
	return into ? pino(options, into) : pino(options);
}

/** Writes an error with a new reference, which is what people are shown. Faults of a request are not worth a stack. */
export function reportErrorTo(log: Logger): (error: unknown, context: Record<string, string>) => string {
	return (error, context) => {
		const reference = randomUUID().slice(0, 8);
		if (isAppError(error) && error.code !== "internal") {
			const level = error.status < 500 ? "info" : "warn";
			const cause = error.cause instanceof Error ? error.cause.message.slice(0, 1000) : undefined;
			log[level]({ reference, code: error.code, detail: error.detail, cause, ...context }, error.message);
		} else log.error({ reference, err: error, ...context }, "unexpected error");
		return reference;
	};
}

/** What a log keeps of an error: drivers hang whole connections on theirs. */
function describeError(error: unknown): unknown {
	if (!(error instanceof Error)) return error;
	const { code } = error as NodeJS.ErrnoException;
	const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
	return { type: error.name, message: error.message, ...(code !== undefined && { code }), ...cause, stack: error.stack };
}
