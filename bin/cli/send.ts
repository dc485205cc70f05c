import { randomUUID } from "node:crypto";
import type { Key } from "../../lib/client/client.ts";
import { isAppError } from "../../lib/errors.ts";

const tries = 4;

/** Sends a call until it is answered; under its key it is carried out once, however often it has to be sent. Throws `ClientError`. */
export async function sendOnce<T>(call: (key: Key) => Promise<T>): Promise<T> {
	const idempotencyKey = randomUUID();
	for (let tried = 1; ; tried++) {
		try {
			return await call({ idempotencyKey });
		} catch (error) {
			if (!isAppError(error) || error.code !== "unreachable" || tried >= tries) throw error;
		}
	}
}
