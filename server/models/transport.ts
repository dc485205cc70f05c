import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { Agent, fetch as undiciFetch } from "undici";
import { allowedAddresses } from "../exec/egress-check.ts";
import { ModelFault } from "./fault.ts";

/** Connections to providers. An address is checked when it is dialled, so a name cannot lead elsewhere after the check. */
export interface Transport {
	/** A `fetch` for one attempt: bounded, without redirects, and `onByte` hears of everything that arrives. */
	fetchFor(attempt: { allowPrivate: boolean; onByte: () => void }): typeof fetch;
	close(): Promise<void>;
}

const maxAnswerBytes = 8 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;

export function openTransport(): Transport {
	const agents = { open: openAgent(true), closed: openAgent(false) };
	return {
		fetchFor: ({ allowPrivate, onByte }) =>
			(async (input: string | URL, init: RequestInit = {}) => {
				const url = new URL(input);
				const host = url.hostname.replace(/^\[|\]$/g, "");
				// Nobody looks up an address that is written as a number.
				if (isIP(host)) await allowedAddresses({ host, port: Number(url.port) || 443 }, policyOf(allowPrivate));
				const response = await undiciFetch(url, {
					method: init.method,
					headers: new Headers(init.headers) as never,
					body: init.body as string,
					signal: init.signal,
					redirect: "error",
					dispatcher: allowPrivate ? agents.open : agents.closed,
				});
				onByte();
				if (response.ok && /^text\/html/i.test(response.headers.get("content-type") ?? "")) {
					await response.body?.cancel();
					throw new ModelFault("model_malformed", { detail: "The address answers with a web page.", free: true });
				}
				const { status, statusText } = response;
				const headers = [...response.headers].filter(([name]) => name !== "content-encoding" && name !== "content-length");
				return new Response(
					bounded(response.body as ReadableStream<Uint8Array> | null, response.ok ? maxAnswerBytes : maxErrorBytes, onByte),
					{
						status,
						statusText,
						headers,
					},
				);
			}) as typeof fetch,
		async close() {
			await Promise.all([agents.open.destroy(), agents.closed.destroy()]);
		},
	};
}

/** Time-outs are the attempt's own business: it knows what a byte is and how long a model may take. */
function openAgent(allowPrivate: boolean): Agent {
	return new Agent({
		connect: { lookup: checkedLookup(allowPrivate), timeout: 10_000 },
		headersTimeout: 0,
		bodyTimeout: 0,
		maxHeaderSize: 64 * 1024,
	});
}

function checkedLookup(allowPrivate: boolean): LookupFunction {
	return (host, { all, family }, callback) => {
		const answer = async () => {
			const addresses = await allowedAddresses({ host, port: 443 }, policyOf(allowPrivate), resolveAll);
			const found = addresses.map((address) => ({ address, family: isIP(address) })).filter((found) => !family || found.family === family);
			const [first] = found;
			if (!first) throw Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" });
			return { found, first };
		};
		answer().then(
			({ found, first }) => (all ? callback(null, found) : callback(null, first.address, first.family)),
			(error: NodeJS.ErrnoException) => callback(error, all ? [] : "", 4),
		);
	};
}

const policyOf = (allowPrivate: boolean) => ({ allowPrivate, allowPrivateHosts: [] });

function resolveAll(host: string): Promise<{ address: string; family: number }[]> {
	return new Promise((resolve, reject) => {
		lookup(host, { all: true, verbatim: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
	});
}

function bounded(body: ReadableStream<Uint8Array> | null, maxBytes: number, onByte: () => void): ReadableStream<Uint8Array> | null {
	if (!body) return null;
	let bytes = 0;
	return body.pipeThrough(
		new TransformStream<Uint8Array, Uint8Array>({
			transform(chunk, controller) {
				onByte();
				bytes += chunk.byteLength;
				if (bytes > maxBytes)
					throw new ModelFault("model_malformed", { detail: `The answer is larger than ${maxBytes / 1024 / 1024} MB.` });
				controller.enqueue(chunk);
			},
		}),
	);
}
