import { type FileHandle, open } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import type { LogPage, LogQuery } from "../../projects/release-log.ts";

const maxPageBytes = 1024 * 1024;
const maxLineBytes = 8 * 1024;
const sliceBytes = 64 * 1024;
/** A line that has not ended and has been left alone for this long is shown as it is. */
const settledMs = 1_000;
const newline = 0x0a;

/**
 * Reads whole lines of a rotating log, which stay bounded however long the log and its lines are. The file and the one before it
 * count as one text, so that a rotation between two reads loses nothing.
 */
export async function readRuntimeLog(path: string, query: LogQuery): Promise<LogPage> {
	const parts = await openParts(path);
	try {
		const from = query.after === undefined ? null : positionOf(parts, query.after);
		const reset = query.after !== undefined && from === null;
		const size = parts.reduce((sum, part) => sum + part.size, 0);
		const page =
			from === null
				? await readNewest(parts, size, query)
				: await readLines(parts, size, { from, atBeginning: true, stopAt: query.lines, ...query });
		return { text: page.lines.join(""), cursor: cursorAt(parts, page.end), reset };
	} finally {
		for (const { file } of parts) await file.close();
	}
}

/** One file of the log; its identity stays the same when it is renamed, and no later file has it. */
interface Part {
	file: FileHandle;
	id: string;
	size: number;
	modifiedAt: number;
}

/** The files of the log, older first. */
async function openParts(path: string): Promise<Part[]> {
	const newest = await openPart(path);
	if (!newest) return [];
	const older = await openPart(`${path}.1`);
	if (!older) return [newest];
	if (older.id !== newest.id) return [older, newest];
	// It was rotated between the two: what was opened first is the older one now.
	await older.file.close();
	return [newest];
}

async function openPart(path: string): Promise<Part | null> {
	const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return null;
		throw error;
	});
	if (!file) return null;
	const { ino, birthtimeMs, size, mtimeMs } = await file.stat();
	return { file, id: `${ino.toString(36)}-${Math.round(birthtimeMs).toString(36)}`, size, modifiedAt: mtimeMs };
}

function cursorAt(parts: readonly Part[], position: number): string {
	let before = 0;
	for (const [index, { id, size }] of parts.entries()) {
		if (position < before + size || index === parts.length - 1) return `${id}.${position - before}`;
		before += size;
	}
	return "0.0";
}

/** Where a cursor lies in the whole text; null when its file is gone. */
function positionOf(parts: readonly Part[], cursor: string): number | null {
	const [id, offset = ""] = cursor.split(".");
	let before = 0;
	for (const part of parts) {
		if (part.id === id && /^\d{1,12}$/.test(offset) && Number(offset) <= part.size) return before + Number(offset);
		before += part.size;
	}
	// A log that had not begun has lost nothing.
	return cursor === "0.0" ? 0 : null;
}

interface Lines {
	lines: string[];
	/** Position after the last line that was looked at. */
	end: number;
}

async function readNewest(parts: readonly Part[], size: number, { search, lines }: LogQuery): Promise<Lines> {
	// A search has to look at everything; without one the page is at the end.
	const from = search ? 0 : Math.max(0, size - maxPageBytes);
	return readLines(parts, size, { from, atBeginning: from === 0, search, keep: lines });
}

interface Reading {
	from: number;
	/** False when `from` may lie within a line, which is then left out. */
	atBeginning: boolean;
	search?: string | undefined;
	/** Stops after so many lines. */
	stopAt?: number;
	/** Keeps the last so many. */
	keep?: number;
}

async function readLines(parts: readonly Part[], size: number, { from, atBeginning, search, stopAt, keep }: Reading): Promise<Lines> {
	const wanted = search?.toLowerCase();
	const lines: string[] = [];
	let bytes = 0;
	let end = from;
	let skipping = !atBeginning;
	let line = createLine();

	const take = (position: number, ending: string): void => {
		end = position;
		const text = line.text() + ending;
		line = createLine();
		if (skipping) {
			skipping = false;
			return;
		}
		if (wanted && !stripVTControlCharacters(text).toLowerCase().includes(wanted)) return;
		lines.push(text);
		bytes += text.length;
		while (keep !== undefined && (lines.length > keep || bytes > maxPageBytes) && lines.length > 1) bytes -= lines.shift()?.length ?? 0;
	};
	const isFull = (): boolean => stopAt !== undefined && (lines.length >= stopAt || bytes >= maxPageBytes);

	for await (const { chunk, at } of slices(parts, from)) {
		let begin = 0;
		for (let next = chunk.indexOf(newline); next !== -1; next = chunk.indexOf(newline, begin)) {
			line.add(chunk.subarray(begin, next));
			take(at + next + 1, "\n");
			begin = next + 1;
			if (isFull()) return { lines, end };
		}
		line.add(chunk.subarray(begin));
	}
	const settled = Date.now() - (parts.at(-1)?.modifiedAt ?? 0) > settledMs;
	if (end < size && settled) take(size, "");
	return { lines, end };
}

/** The text from a position on, a slice at a time. */
async function* slices(parts: readonly Part[], from: number): AsyncGenerator<{ chunk: Buffer; at: number }> {
	let before = 0;
	for (const { file, size } of parts) {
		for (let offset = Math.max(0, from - before); offset < size; ) {
			const length = Math.min(sliceBytes, size - offset);
			const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
			if (bytesRead === 0) break;
			yield { chunk: buffer.subarray(0, bytesRead), at: before + offset };
			offset += bytesRead;
		}
		before += size;
	}
}

/** Gathers the bytes of one line, and no more of it than is shown. */
function createLine(): { add(bytes: Buffer): void; text(): string } {
	const kept: Buffer[] = [];
	let length = 0;
	let cut = false;
	return {
		add(bytes) {
			const room = maxLineBytes - length;
			if (bytes.length > room) cut = true;
			const part = bytes.subarray(0, room);
			if (part.length > 0) kept.push(part);
			length += part.length;
		},
		text: () => Buffer.concat(kept).toString("utf8") + (cut ? "…" : ""),
	};
}
