import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The id of this node: made on its first start and kept in its home, so that a restart knows its own attempts and apps. */
export async function readNodeId(home: string): Promise<string> {
	const path = join(home, "node-id");
	const known = await readFile(path, "utf8").catch(() => "");
	if (known.trim() !== "") return known.trim();
	const id = randomUUID();
	await mkdir(home, { recursive: true });
	await writeFile(path, `${id}\n`, { mode: 0o600 });
	return id;
}
