import { ulid } from "ulid";
import { AppError } from "../../lib/errors.ts";

/** Why an attempt was ended from outside. */
export type EndCause = "cancel" | "deadline" | "shutdown" | "refused";

/** An attempt from before its begin is written until its last word is, so that nobody takes it for left behind. */
export interface RunningAttempt {
	id: string;
	deploymentId: string;
	signal: AbortSignal;
	/** Why it was ended from outside, null as long as it was not. */
	cause(): EndCause | null;
	end(cause: EndCause): void;
	done: Promise<void>;
	settle(): void;
}

/** An attempt that has not begun yet, with an id of its own. */
export function openAttempt(deploymentId: string): RunningAttempt {
	const abort = new AbortController();
	const { promise: done, resolve: settle } = Promise.withResolvers<void>();
	let cause: EndCause | null = null;
	return {
		id: ulid(),
		deploymentId,
		signal: abort.signal,
		cause: () => cause,
		end(because) {
			cause ??= because;
			abort.abort(new AppError("cancelled", { detail: because }));
		},
		done,
		settle,
	};
}
