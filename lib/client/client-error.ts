import { AppError, errorCodes, type PublicError } from "../errors.ts";

/** An answer that is an error, or none at all (`unreachable`). Carries the server's own sentences. */
export class ClientError extends AppError {
	/** Finds the error in the server's log; empty when there was no answer. */
	readonly reference: string;
	/** Seconds the server asks to wait before the next try; null when it did not say. */
	readonly retryAfterS: number | null;

	constructor(error: PublicError, options: { cause?: unknown; retryAfterS?: number | null } = {}) {
		super(error.code, { message: error.message, action: error.action, cause: options.cause });
		this.name = "ClientError";
		this.reference = error.reference;
		this.retryAfterS = options.retryAfterS ?? null;
	}

	/** What people are shown. */
	get error(): PublicError {
		return { code: this.code, message: this.message, action: this.action, reference: this.reference };
	}
}

/** The error in a failed answer. One that is not ours (of a proxy, say) becomes `internal` or `unreachable`. */
export async function errorOf(response: Response): Promise<ClientError> {
	const retryAfterS = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
	const options = { retryAfterS: Number.isNaN(retryAfterS) ? null : retryAfterS };
	const body: unknown = await response.json().catch(() => null);
	const error = typeof body === "object" && body !== null && "error" in body ? body.error : null;
	if (isPublicError(error)) return new ClientError(error, options);
	const { code, message, action } = new AppError(response.status >= 502 ? "unreachable" : "internal");
	return new ClientError({ code, message, action, reference: response.headers.get("x-request-id") ?? "" }, options);
}

/** What is thrown when there was no answer. */
export function unreachable(cause: unknown): ClientError {
	const { code, message, action } = new AppError("unreachable");
	return new ClientError({ code, message, action, reference: "" }, { cause });
}

function isPublicError(value: unknown): value is PublicError {
	if (typeof value !== "object" || value === null) return false;
	const { code, message, action, reference } = value as Record<string, unknown>;
	return (
		errorCodes.some((known) => known === code) && typeof message === "string" && typeof action === "string" && typeof reference === "string"
	);
}
