import type { z } from "zod";
import { AppError } from "#lib/errors.ts";

const maxBodyBytes = 256 * 1024;

/** Parses strictly; what does not fit throws `code` with a sentence that names the field. */
export function parseOrThrow<T>(schema: z.ZodType<T>, value: unknown, code: "bad_request" | "not_found"): T {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	if (code === "not_found") throw new AppError(code);
	const [issue] = parsed.error.issues;
	const field = issue?.path.map(String).join(".") ?? "";
	throw new AppError(code, {
		message: field === "" ? `The request cannot be used: ${issue?.message}.` : sentenceOf(field, issue?.message ?? ""),
		data: { field },
	});
}

/** Our own messages go on from the field's name ("is not a branch"); the library's stand by themselves. */
function sentenceOf(field: string, message: string): string {
	const name = `“${field.slice(field.lastIndexOf(".") + 1)}”`;
	return /^[a-z]/.test(message) ? `${name} ${message}.` : `${name}: ${message}.`;
}

/**
 * The body as JSON; an empty one is `{}`. Only `application/json` is read, which no form of another site can send. Throws
 * `too_large`, `bad_request`.
 */
export async function readJson(request: Request): Promise<unknown> {
	const text = await readText(request);
	if (text.trim() === "") return {};
	const [mediaType] = (request.headers.get("content-type") ?? "").split(";");
	if (mediaType?.trim().toLowerCase() !== "application/json") {
		throw new AppError("bad_request", {
			message: "The body is not marked as JSON.",
			action: "Send it with Content-Type: application/json.",
		});
	}
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new AppError("bad_request", { message: "The body is not valid JSON.", cause });
	}
}

async function readText(request: Request): Promise<string> {
	if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) throw new AppError("too_large");
	const decoder = new TextDecoder();
	let text = "";
	let bytes = 0;
	for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
		bytes += chunk.byteLength;
		if (bytes > maxBodyBytes) throw new AppError("too_large");
		text += decoder.decode(chunk, { stream: true });
	}
	return text + decoder.decode();
}
