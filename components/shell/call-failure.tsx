import { CircleAlert } from "lucide-react";
import { isAppError, toPublicError } from "#lib/errors.ts";
import { Alert } from "../ui/alert.tsx";

/** Says why a request was refused and what to do about it; nothing without an error. */
export function CallFailure({ error, className }: { error: Error | null; className?: string }) {
	if (!error) return null;
	const { message, action } = isAppError(error) ? error : toPublicError(error, "");
	const reference = referenceOf(error);
	return (
		<Alert tone="danger" role="alert" className={className}>
			<CircleAlert aria-hidden="true" />
			<p>
				{message} {action}
				{reference && <span className="block text-xs">Reference: {reference}</span>}
			</p>
		</Alert>
	);
}

/** Finds what failed inside Quayside in its log; what a person can mend themselves needs none. */
function referenceOf(error: Error): string | null {
	const isOurs = !isAppError(error) || error.status >= 500;
	return isOurs && "reference" in error && typeof error.reference === "string" && error.reference !== "" ? error.reference : null;
}
