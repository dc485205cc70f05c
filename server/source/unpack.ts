import { createWriteStream } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { AppError, isAppError } from "../../lib/errors.ts";
import { isDiskFull } from "../exec/disk-full.ts";
import { moveIntoPlace } from "../exec/tree-files.ts";
import { foldersOf, isLeftOut, linkProblem, parsePath } from "./packed-path.ts";

export interface UnpackLimits {
	/** Bytes as they are sent. */
	maxPackedBytes: number;
	/** Bytes of all files together. */
	maxBytes: number;
	/** Files, folders and links. */
	maxEntries: number;
}

export interface Unpacked {
	bytes: number;
	files: number;
}

const oneMb = 1_000_000;
const sameName = "Two entries have the same name.";

/**
 * Writes the files of a gzipped tar into `into`, which appears whole or not at all; only regular files, folders and links that
 * stay inside are taken, with the bit that makes a file executable. Throws `upload_invalid`, `too_large`, `disk_full`, `cancelled`.
 */
export async function unpack(body: AsyncIterable<Uint8Array>, into: string, limits: UnpackLimits, signal: AbortSignal): Promise<Unpacked> {
	const partial = `${into}.partial`;
	await mkdir(partial, { mode: 0o755 });
	const tree = new TreeWriter(partial, limits);
	try {
		const entries = extract();
		const packed = bounded(limits.maxPackedBytes, () => tooLarge("The packed folder is", limits.maxPackedBytes));
		const unpacked = bounded(limits.maxBytes + limits.maxEntries * 2048, () => tooLarge("The folder is", limits.maxBytes));
		const received = pipeline(Readable.from(untilAborted(body, signal), { objectMode: false }), packed, createGunzip(), unpacked, entries, {
			signal,
		});
		const written = (async () => {
			for await (const entry of entries) await tree.add(entry);
		})();
		await both(written, received);
		await tree.finish();
		await moveIntoPlace(partial, into);
		return { bytes: tree.bytes, files: tree.files };
	} catch (error) {
		throw explained(error, signal);
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

/** A sender that went away may leave a piece that never comes. */
async function* untilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	aborted.catch(() => {});
	const giveUp = (): void => reject(signal.reason);
	signal.addEventListener("abort", giveUp, { once: true });
	const pieces = body[Symbol.asyncIterator]();
	try {
		while (true) {
			signal.throwIfAborted();
			const { done, value } = await Promise.race([pieces.next(), aborted]);
			if (done) return;
			yield value;
		}
	} finally {
		signal.removeEventListener("abort", giveUp);
		void pieces.return?.().catch(() => {});
	}
}

/** Each ends the other; the one that knows why is believed. */
async function both(...work: Promise<void>[]): Promise<void> {
	const failures = (await Promise.allSettled(work)).flatMap((ended) => (ended.status === "rejected" ? [ended.reason as unknown] : []));
	if (failures.length > 0) throw failures.find(isAppError) ?? failures.find(isSystemError) ?? failures[0];
}

interface Entry extends AsyncIterable<unknown> {
	header: Header;
}

class TreeWriter {
	bytes = 0;
	files = 0;
	readonly #root: string;
	readonly #limits: UnpackLimits;
	/** Their targets by path. Made at the end, so that nothing is ever written through one. */
	readonly #links = new Map<string, string>();
	#entries = 0;

	constructor(root: string, limits: UnpackLimits) {
		this.#root = root;
		this.#limits = limits;
	}

	async add(entry: Entry): Promise<void> {
		if (!(await this.#write(entry.header, entry))) for await (const _ of entry);
	}

	async finish(): Promise<void> {
		if (this.files === 0) throw invalid("There is no file in it.");
		for (const [path, target] of this.#links) {
			const behind = foldersOf(path).find((folder) => this.#links.has(folder));
			if (behind !== undefined) throw invalid(`“${path}” lies behind the link “${behind}”.`);
			await mkdir(dirname(join(this.#root, path)), { recursive: true });
			await symlink(target, join(this.#root, path));
		}
	}

	/** True when the content was read to its end. */
	async #write({ name, type, size, mode, linkname }: Header, content: AsyncIterable<unknown>): Promise<boolean> {
		const parsed = parsePath(name);
		if (!parsed.ok) throw invalid(parsed.problem);
		const { path } = parsed;
		if (path === "" || isLeftOut(path)) return false;
		if (++this.#entries > this.#limits.maxEntries) throw tooMany(this.#limits.maxEntries);
		const place = join(this.#root, path);
		if (type === "directory") {
			await mkdir(place, { recursive: true });
		} else if (type === "file" || type === "contiguous-file") {
			this.bytes += size ?? 0;
			if (this.bytes > this.#limits.maxBytes) throw tooLarge("The folder is", this.#limits.maxBytes);
			this.files += 1;
			await mkdir(dirname(place), { recursive: true });
			await pipeline(content, createWriteStream(place, { flags: "wx", mode: (mode ?? 0) & 0o100 ? 0o755 : 0o644 }));
			return true;
		} else if (type === "symlink") {
			const problem = linkProblem(path, linkname ?? "");
			if (problem) throw invalid(problem);
			if (this.#links.has(path)) throw invalid(sameName);
			this.#links.set(path, linkname ?? "");
		} else {
			throw invalid(`“${path}” is neither a file, a folder nor a symbolic link.`);
		}
		return false;
	}
}

function isSystemError(error: unknown): boolean {
	return typeof (error as NodeJS.ErrnoException).syscall === "string";
}

/** Lets through so many bytes and no more. */
function bounded(maxBytes: number, error: () => AppError): Transform {
	let bytes = 0;
	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			bytes += chunk.length;
			if (bytes > maxBytes) done(error());
			else done(null, chunk);
		},
	});
}

function explained(error: unknown, signal: AbortSignal): unknown {
	if (isAppError(error)) return error;
	if (isDiskFull(error)) return new AppError("disk_full", { cause: error });
	if (signal.aborted) return new AppError("cancelled", { cause: error });
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === "EEXIST" || code === "ENOTDIR" || code === "EISDIR") return invalid(sameName, error);
	if (code === "ENAMETOOLONG") return invalid("A name in it is too long.", error);
	return code?.startsWith("Z_") || code === undefined || code === "ERR_STREAM_PREMATURE_CLOSE"
		? invalid(`It cannot be read (${message.slice(0, 100)}).`, error)
		: error;
}

function invalid(why: string, cause?: unknown): AppError {
	return new AppError("upload_invalid", { message: `The upload cannot be used. ${why}`, cause });
}

function tooLarge(what: string, maxBytes: number): AppError {
	return new AppError("too_large", {
		message: `${what} larger than the limit of ${Math.round(maxBytes / oneMb)} MB.`,
		action: "Leave out what the build does not need, with a .quaysideignore file for instance.",
	});
}

function tooMany(maxEntries: number): AppError {
	return new AppError("too_large", {
		message: `The folder has more than ${maxEntries} files.`,
		action: "Leave out what the build does not need, with a .quaysideignore file for instance.",
	});
}
