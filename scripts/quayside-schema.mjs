// npm run schema: writes the JSON Schema of quayside.json, for editors, from the one that checks it.
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { quaysideFileSchema } from "../lib/protocol/plan.ts";

export const schemaFile = "public/quayside.schema.json";

/** The text of the published file. */
export function schemaText() {
	const schema = z.toJSONSchema(quaysideFileSchema, { io: "input", target: "draft-7" });
	const about = { title: "quayside.json", description: "How Quayside builds and runs a project, where that is not as it detects it." };
	return `${JSON.stringify({ ...about, ...schema }, null, "\t")}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	await writeFile(schemaFile, schemaText());
	console.log(`${schemaFile} is written.`);
}
