import { CircleAlert } from "lucide-react";
import { isAppError, toPublicError } from "#lib/errors.ts";
import { Alert } from "../ui/alert.tsx";

/** Says why a request was refused and what to do about it; nothing without an error. */
export function CallFailure({ error, className }: { error: Error | null; className?: string }) {
	if (!error) return null;
	const { message, action } = isAppError(error) ? error : toPublicError(error, "");
	return (
		<Alert tone="danger" role="alert" className={className}>
			<CircleAlert aria-hidden="true" />
			<p>
				{message} {action}
			</p>
		</Alert>
	);
}
