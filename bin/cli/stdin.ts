import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UsageError } from "./exit-code.ts";

/** All that is written to standard input, without the end of its last line. Throws `UsageError` when a person sits there. */
export async function readStdin(what: string): Promise<string> {
	if (process.stdin.isTTY) throw new UsageError(`Write ${what} to standard input, as in: quayside … < file`);
	return (await text(process.stdin)).replace(/\r?\n$/, "");
}

/** Asks a person, who sees nothing of what is typed. */
export async function askHidden(question: string): Promise<string> {
	process.stderr.write(question);
	const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
	const lines = createInterface({ input: process.stdin, output: hidden, terminal: true });
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	lines.once("line", resolve);
	lines.once("SIGINT", () => reject(new UsageError("Nothing was changed.")));
	try {
		return await promise;
	} finally {
		lines.close();
		process.stderr.write("\n");
	}
}
