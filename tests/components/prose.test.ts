import { describe, expect, it } from "vitest";
import { blocksOf } from "#components/deployments/conversation/prose.ts";

describe("a message as people read it", () => {
	it("has paragraphs, headings, lists and code", () => {
		const text = "## Risks\nTwo of them,\nboth **small**:\n- no `lockfile`\n- old Node\n\n```js\nconst a = 1;\n```\n1. first\n2. second";
		expect(blocksOf(text).map(({ kind }) => kind)).toEqual(["heading", "paragraph", "list", "code", "list"]);
		expect(blocksOf(text)[2]).toMatchObject({
			ordered: false,
			items: [[{ text: "no " }, { kind: "code", text: "lockfile" }], [{ text: "old Node" }]],
		});
		expect(blocksOf(text)[3]).toEqual({ kind: "code", language: "js", text: "const a = 1;" });
	});

	it("shows code that is still being written", () => {
		expect(blocksOf("```css\nbody {")).toEqual([{ kind: "code", language: "css", text: "body {" }]);
	});

	it("makes no link, no image and no element of what a model writes", () => {
		const text = "[click](https://evil.example) ![x](https://evil.example/?env) <script>alert(1)</script>";
		expect(blocksOf(text)).toEqual([{ kind: "paragraph", spans: [{ kind: "text", text }] }]);
	});
});
