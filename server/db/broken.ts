import { AppError, type AppErrorOptions, isAppError } from "#lib/errors.ts";

/**
 * Tells failures of the connection, which another try cures, from failures of the work. SQLSTATE codes are those of the
 * PostgreSQL manual, appendix A.
 */

const brokenStates = new Set([
	"57P01", // admin_shutdown
	"57P02", // crash_shutdown
	"57P03", // cannot_connect_now: starting up or shutting down
	"57P05", // idle_session_timeout
	"25P03", // idle_in_transaction_session_timeout
	"53300", // too_many_connections
]);
const networkErrors = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"]);
/** pg throws these without a code. */
const brokenMessages =
	/^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed|Connection ended unexpectedly)/;

/** True when the connection to the database broke or could not be made, so that nothing is known against the work itself. */
export function isConnectionBroken(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	if (isAppError(error)) return error.code === "database_unavailable";
	if (error instanceof AggregateError) return error.errors.some(isConnectionBroken);
	const { code, syscall } = error as NodeJS.ErrnoException;
	if (code === undefined) return brokenMessages.test(error.message) || isConnectionBroken(error.cause);
	// A missing file is only a broken connection when it is the socket of the database.
	if (code === "ENOENT") return syscall === "connect";
	return code.startsWith("08") || brokenStates.has(code) || networkErrors.has(code);
}

/** True when transactions got in each other's way and the same work may well succeed at once. */
export function isContention(error: unknown): boolean {
	const state = sqlState(error);
	return state === "40001" || state === "40P01";
}

/** True when the database refused a write because its disk is full. */
export function isDiskFull(error: unknown): boolean {
	return sqlState(error) === "53100";
}

export function databaseDiskFull(options: Pick<AppErrorOptions, "cause" | "detail">): AppError {
	return new AppError("disk_full", { message: "The database has no space left on its disk.", ...options });
}

function sqlState(error: unknown): string | undefined {
	return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
