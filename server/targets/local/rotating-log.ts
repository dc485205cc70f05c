import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";

export interface RotatingLog {
	/** Resolves once the text is written. A full disk loses text, never an app. */
	append(text: string): Promise<void>;
	close(): Promise<void>;
}

/** A log of at most twice `maxBytes`: when `path` is full it becomes `path.1`, and the one before is forgotten. */
export async function openRotatingLog(path: string, maxBytes: number): Promise<RotatingLog> {
	let file: FileHandle = await open(path, "a", 0o600);
	let size = (await file.stat()).size;
	let last: Promise<void> = Promise.resolve();

	async function rotate(): Promise<void> {
		await file.close();
		await rename(path, `${path}.1`);
		file = await open(path, "a", 0o600);
		size = 0;
	}

	async function write(bytes: Buffer): Promise<void> {
		if (size > 0 && size + bytes.length > maxBytes) await rotate();
		await file.appendFile(bytes);
		size += bytes.length;
	}

	return {
		append(text) {
			const bytes = Buffer.from(text);
			last = last.then(() => write(bytes)).catch(() => {});
			return last;
		},
		async close() {
			await last;
			await file.close();
		},
	};
}

/** The newest text of a rotating log: at most `maxBytes`, from the beginning of a line. Empty when there is none. */
export async function readLogTail(path: string, maxBytes: number): Promise<string> {
	const newest = await readTail(path, maxBytes);
	const left = maxBytes - newest.bytes.length;
	const older = left > 0 ? await readTail(`${path}.1`, left) : { bytes: Buffer.alloc(0), whole: newest.whole };
	const text = Buffer.concat([older.bytes, newest.bytes]).toString("utf8");
	const whole = older.bytes.length > 0 ? older.whole : newest.whole;
	return whole ? text : text.slice(text.indexOf("\n") + 1);
}

async function readTail(path: string, maxBytes: number): Promise<{ bytes: Buffer; whole: boolean }> {
	const found = await stat(path).catch(() => null);
	if (!found || found.size === 0) return { bytes: Buffer.alloc(0), whole: true };
	const file = await open(path, "r");
	try {
		const length = Math.min(maxBytes, found.size);
		const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, found.size - length);
		return { bytes: buffer.subarray(0, bytesRead), whole: length === found.size };
	} finally {
		await file.close();
	}
}

const lastLinesBytes = 16 * 1024;
const maxLines = 15;
const maxLineLength = 500;

/** The last lines an app printed itself, at most 15, without colours. */
export async function lastAppLines(path: string): Promise<string[]> {
	const lines = stripVTControlCharacters(await readLogTail(path, lastLinesBytes)).split("\n");
	const printed = lines.map((line) => line.trimEnd()).filter((line) => line !== "" && !line.startsWith("[quayside] "));
	return printed.slice(-maxLines).map((line) => (line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line));
}
