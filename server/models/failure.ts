import type { WorkFailure } from "../../lib/protocol/index.ts";
import { createRedactor } from "../secrets/redact.ts";
import type { ModelFault } from "./fault.ts";

/** For people: the catalogue's sentences, and what the provider said with nothing secret in it. */
export function failureOf(fault: ModelFault, keys: readonly string[]): WorkFailure {
	const said = fault.detail === undefined ? [] : [createRedactor(keys).redact(fault.detail).replace(/\s+/g, " ").slice(0, 500)];
	return { code: fault.code, ...fault.sentences, ...(said.length > 0 ? { lines: said } : {}) };
}
