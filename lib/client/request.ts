import { errorOf, unreachable } from "./client-error.ts";

export interface ClientOptions {
	/** Address of the platform; empty in a page of its own. */
	origin: string;
	/** API token; without it the browser's session counts. */
	token?: string;
	fetch?: typeof globalThis.fetch;
	/** Longest wait for an answer in ms, beyond what a call itself asks the server to wait; 30 s by default. */
	timeoutMs?: number;
}

export interface RequestOptions {
	query?: Readonly<Record<string, string | number | undefined>>;
	/** Sent as JSON. */
	body?: unknown;
	/** Sent as it is, and as it comes. */
	stream?: ReadableStream<Uint8Array> | Blob;
	headers?: Readonly<Record<string, string>>;
	signal?: AbortSignal;
	/** Time the server was asked to wait, in ms. */
	heldMs?: number;
}

/** Sends one request; the answer is a success. Throws `ClientError`, or the signal's reason when it aborts. */
export type SendRequest = (method: string, path: string, options?: RequestOptions) => Promise<Response>;

export function createRequest({ origin, token, fetch: given, timeoutMs = 30_000 }: ClientOptions): SendRequest {
	const send = given ?? globalThis.fetch.bind(globalThis);
	return async (method, path, { query, body, stream, headers, signal, heldMs = 0 } = {}) => {
		const timeout = AbortSignal.timeout(timeoutMs + heldMs);
		const request = send(`${origin}${path}${searchOf(query)}`, {
			method,
			headers: {
				accept: "application/json",
				...(token !== undefined && { authorization: `Bearer ${token}` }),
				...(body !== undefined && { "content-type": "application/json" }),
				...headers,
			},
			body: stream ?? (body === undefined ? undefined : JSON.stringify(body)),
			...(stream instanceof ReadableStream && { duplex: "half" }),
			signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
		});
		const response = await request.catch((cause: unknown) => {
			signal?.throwIfAborted();
			throw unreachable(cause);
		});
		if (!response.ok) throw await errorOf(response);
		return response;
	};
}

function searchOf(query: RequestOptions["query"] = {}): string {
	const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
	return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
