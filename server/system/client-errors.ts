import { AppError } from "../../lib/errors.ts";
import type { SystemService } from "../../lib/services.ts";

interface ClientErrorOptions {
	/** Seconds that this key has to wait before its next report; 0 when it may report now, and then it counts. */
	takeTurn: (key: string) => number;
	reportError: (error: unknown, context: Record<string, string>) => string;
}

/** Writes what went wrong in a page into the log, under a reference that people are shown. What a browser sends is only data. */
export function createClientErrorReports({ takeTurn, reportError }: ClientErrorOptions): SystemService["reportClientError"] {
	return ({ message, stack, page, digest, part }, { turn, who }) => {
		const waitS = takeTurn(turn);
		if (waitS > 0) throw new AppError("rate_limited", { data: { retryAfterS: Math.ceil(waitS) } });
		const error = new Error(`in a page: ${plain(message)}`);
		// Where this function was called from tells nothing.
		error.stack = undefined;
		return reportError(error, {
			...who,
			page: withoutQueries(plain(page ?? "")),
			part: plain(part ?? ""),
			digest: plain(digest ?? ""),
			pageStack: withoutQueries(plain(stack ?? "")),
		});
	};
}

/** A line break stays; what could lead a terminal astray does not. */
const plain = (text: string): string => text.replace(/[^\P{C}\n]/gu, " ");

/** What stands behind a question mark may be somebody's search, or worse. */
const withoutQueries = (text: string): string => text.replace(/[?#][^\s:)]*/g, "");
