import type { IncomingMessage } from "node:http";
import { AppError } from "#lib/errors.ts";

/** The whole body as text. Throws `too_large` as soon as it is longer than `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > maxBytes) throw new AppError("too_large");
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}
