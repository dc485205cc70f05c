import { randomUUID } from "node:crypto";
import { type Logger, pino } from "pino";
import { isAppError } from "../lib/errors.ts";
import { createRedactor } from "./secrets/redact.ts";

export type { Logger };

/** The structured log of this process, on standard output: one JSON object a line, without secrets. */
export function createLog(level: string): Logger {
	const { redact } = createRedactor([]);
	return pino({
		level,
		base: null,
		redact: { paths: ["headers.authorization", "headers.cookie", "*.password", "*.token"], censor: "[hidden]" },
		hooks: {
			streamWrite: (line) => redact(line),
		},
	});
}

/** Writes an error with a new reference, which is what people are shown. Faults of a request are not worth a stack. */
export function reportErrorTo(log: Logger): (error: unknown, context: Record<string, string>) => string {
	return (error, context) => {
		const reference = randomUUID().slice(0, 8);
		if (isAppError(error) && error.code !== "internal") {
			const level = error.status < 500 ? "info" : "warn";
			log[level]({ reference, code: error.code, detail: error.detail, ...context }, error.message);
		} else log.error({ reference, err: error, ...context }, "unexpected error");
		return reference;
	};
}
