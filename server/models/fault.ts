import { APICallError, EmptyResponseBodyError, InvalidResponseDataError, JSONParseError, TypeValidationError } from "ai";
import type { ErrorCode } from "../../lib/errors.ts";
import { Refused } from "../exec/egress-check.ts";
import { readRetryAfter } from "./retry-after.ts";

interface FaultOptions {
	/** Another attempt may help. */
	retry?: boolean;
	/** How long the provider asks to be left alone. */
	retryAfterMs?: number | null;
	/** True when the provider refused before it did any work, so that nothing is charged. */
	free?: boolean;
	/** Replaces the catalogue's sentences, for people. */
	message?: string;
	action?: string;
	/** The provider's own words; they may repeat a key until they were cleaned. */
	detail?: string;
}

/** Why one attempt, or a whole call, came to nothing. */
export class ModelFault extends Error {
	readonly code: ErrorCode;
	readonly retry: boolean;
	readonly retryAfterMs: number | null;
	readonly free: boolean;
	readonly sentences: { message?: string; action?: string };
	readonly detail: string | undefined;

	constructor(code: ErrorCode, { retry = false, retryAfterMs = null, free = false, message, action, detail }: FaultOptions = {}) {
		super(code);
		this.name = "ModelFault";
		this.code = code;
		this.retry = retry;
		this.retryAfterMs = retryAfterMs;
		this.free = free;
		this.sentences = { message, action };
		this.detail = detail;
	}
}

/** What a thrown value means, or an error in the middle of a stream. It never keeps the error itself, which holds the whole prompt. */
export function faultOf(error: unknown, nowMs = Date.now()): ModelFault {
	if (error instanceof ModelFault) return error;
	const known = chainOf(error).find((link) => link instanceof ModelFault || link instanceof Refused);
	if (known instanceof ModelFault) return known;
	if (known instanceof Refused) return refused(known);
	if (APICallError.isInstance(error)) return faultOfAnswer(error, nowMs);
	if (InvalidResponseDataError.isInstance(error) && /without a finish reason/.test(error.message))
		return new ModelFault("model_interrupted", { retry: true });
	if (
		JSONParseError.isInstance(error) ||
		TypeValidationError.isInstance(error) ||
		InvalidResponseDataError.isInstance(error) ||
		EmptyResponseBodyError.isInstance(error)
	)
		return new ModelFault("model_malformed", { retry: true, detail: error.message });
	if (isNetworkError(error))
		return new ModelFault("model_connection", { retry: true, free: isNeverSent(error), detail: networkWords(error) });
	return faultOfChunk(error);
}

function faultOfAnswer(error: APICallError, nowMs: number): ModelFault {
	const { statusCode: status, responseHeaders = {}, responseBody = "" } = error;
	// The SDK wraps what it could not read of a good answer, and what broke while it read.
	if (status === undefined || status < 300) {
		return status === undefined || isNetworkError(error)
			? new ModelFault("model_connection", { retry: true, free: isNeverSent(error), detail: networkWords(error) })
			: new ModelFault("model_malformed", { retry: true, detail: error.message });
	}
	const detail = `${status}: ${error.message || responseBody}`;
	const retryAfterMs = readRetryAfter(responseHeaders, nowMs);
	if (/insufficient_quota|credit balance is too low|billing_not_active/.test(responseBody) || status === 402) {
		return new ModelFault("model_unavailable", {
			free: true,
			message: "The account with the AI provider has no credit left.",
			action: "Add credit there, or let an administrator choose another model under Settings, Models.",
			detail,
		});
	}
	if (status === 401 || status === 403 || /API_KEY_INVALID|API key not (found|valid)/i.test(responseBody))
		return new ModelFault("model_auth", { free: true, detail });
	if (status === 404) return new ModelFault("model_unknown", { free: true, detail });
	if (status === 429) return new ModelFault("model_rate_limited", { retry: true, free: true, retryAfterMs, detail });
	if (status === 408 || status === 409 || status === 425 || status >= 500)
		return new ModelFault("model_unavailable", { retry: true, free: true, retryAfterMs, detail });
	return new ModelFault("model_rejected", { free: true, detail });
}

/** An error that a provider sends inside a stream: its own JSON, whatever form that has. */
function faultOfChunk(error: unknown): ModelFault {
	const text = error instanceof Error ? error.message : (JSON.stringify(error) ?? String(error));
	const detail = text.slice(0, 2000);
	if (/rate.?limit|too many requests/i.test(text)) return new ModelFault("model_rate_limited", { retry: true, detail });
	if (/content.?(filter|policy)|safety/i.test(text)) return new ModelFault("model_refused", { detail });
	return new ModelFault("model_unavailable", { retry: true, detail });
}

function refused(error: Refused): ModelFault {
	return error.forbidden
		? new ModelFault("private_address", {
				free: true,
				action: "Use a public address, or let an administrator allow private addresses for this provider under Settings, Models.",
				detail: error.message,
			})
		: new ModelFault("model_connection", { retry: true, free: true, detail: error.message });
}

/** From the outside in; bounded, because a cause may be its own. */
function chainOf(error: unknown): unknown[] {
	const chain: unknown[] = [];
	for (let link = error; link !== undefined && link !== null && chain.length < 8; link = (link as { cause?: unknown }).cause)
		chain.push(link);
	return chain;
}

const codeOf = (error: unknown): string =>
	chainOf(error)
		.map((link) => (link as NodeJS.ErrnoException).code)
		.find((code) => typeof code === "string") ?? "";

function isNetworkError(error: unknown): boolean {
	return (
		/^(E[A-Z]+|UND_ERR_[A-Z_]+|CERT_[A-Z_]+|.*_CERT(_.*)?)$/.test(codeOf(error)) || chainOf(error).some((link) => link instanceof TypeError)
	);
}

const isNeverSent = (error: unknown): boolean => /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(codeOf(error));

function networkWords(error: unknown): string {
	const innermost = chainOf(error).at(-1);
	return codeOf(error) || (innermost instanceof Error ? innermost.message : "the connection broke");
}
