import { readFile } from "node:fs/promises";
import { UsageError } from "./exit-code.ts";
import { readStdin } from "./stdin.ts";

/** The words of a file, or of standard input for "-". Throws `UsageError` for one that cannot be read. */
export async function readWords(file: string, what: string): Promise<string> {
	if (file === "-") return readStdin(what);
	return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
		throw new UsageError(`${file} cannot be read (${error.code}).`);
	});
}
