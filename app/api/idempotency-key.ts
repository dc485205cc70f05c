import { AppError } from "#lib/errors.ts";
import { idempotencyKeyHeader } from "#lib/protocol/index.ts";

/** The key under which a request may be sent again; null where the client chose none. Throws `bad_request`. */
export function idempotencyKeyOf({ headers }: Request): string | null {
	const key = headers.get(idempotencyKeyHeader);
	if (key === null || /^[\x21-\x7e]{1,200}$/.test(key)) return key;
	throw new AppError("bad_request", { message: "The idempotency key has more than 200 characters, or spaces in it." });
}
