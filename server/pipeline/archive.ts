import { promisify } from "node:util";
import { type AsyncZippable, zip } from "fflate";
import { AppError } from "../../lib/errors.ts";

/** What one archive may hold before it is packed, so that no request takes the server's memory. */
const maxArchiveBytes = 64 * 1024 * 1024;

const zipAsync = promisify((files: AsyncZippable, done: (error: Error | null, packed: Uint8Array) => void) => zip(files, done));

export interface ArchiveFile {
	name: string;
	body: Uint8Array;
	at: Date;
}

/** Packs files into a zip, away from the event loop. Throws `too_large`. */
export async function packZip(files: readonly ArchiveFile[]): Promise<Uint8Array> {
	if (files.reduce((sum, { body }) => sum + body.length, 0) > maxArchiveBytes) throw new AppError("too_large");
	return zipAsync(Object.fromEntries(files.map(({ name, body, at }) => [name, [new Uint8Array(body), { mtime: at }]])));
}
