import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { clientFrameSchema, closeCodes, eventSources, eventTypes, serverFrameSchema } from "#lib/protocol/index.ts";

const document = await readFile(new URL("../../docs/protocol.md", import.meta.url), "utf8");

const frames = serverFrameSchema.options.map(({ shape }) => ({ t: [...shape.t.values][0] ?? "", fields: Object.keys(shape) }));

test("the document names every frame with its fields", () => {
	for (const { t, fields } of frames) {
		const [, written = ""] = new RegExp(`^\\| \`${t}\` \\| (.*?) \\|`, "m").exec(document) ?? [];
		for (const field of fields) if (field !== "t") expect(written, `field ${field} of ${t}`).toMatch(new RegExp(`\`${field}\\b`));
	}
	for (const { shape } of clientFrameSchema.options) expect(document).toContain(`| \`${[...shape.t.values][0]}\` |`);
});

test("the document names every event type, module and close code", () => {
	for (const name of [...eventTypes, ...eventSources]) expect(document).toContain(`\`${name}\``);
	for (const code of Object.values(closeCodes)) expect(document).toMatch(new RegExp(`\\| ${code} \\|`));
});

test("the document says what older names are now (R88, R97)", () => {
	const [, older = ""] = document.split("## Older names");
	for (const name of [
		...[
			"connected",
			"typing",
			"message",
			"analysis",
			"deployment_update",
			"deployment_complete",
			"error",
			"pong",
			"init",
			"ping",
			"progress",
		],
		...["GET /api/builds/{id}/events", "GET /api/ws/status"],
	])
		expect(older).toContain(`\`${name}\``);
});
