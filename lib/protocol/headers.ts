/** Names of headers between our own parts. */

/** Id under which a request is found in the log; a caller may choose it. */
export const requestIdHeader = "x-request-id";
/** Address of the client. The server sets it on every request and takes away what a client sent under this name. */
export const clientAddressHeader = "x-quayside-address";
export const idempotencyKeyHeader = "idempotency-key";
