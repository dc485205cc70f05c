import { createTwoFilesPatch } from "diff";
import { expect, test } from "vitest";
import { diffByFile, fileTreeOf } from "#lib/deployment/file-tree.ts";

const files = (...names: string[]) => names.map((name, at) => ({ name, at }));

test("files lie in their folders, in order, and folders that hold nothing but one are one with it", () => {
	const tree = fileTreeOf(files("index.html", "src/pages/b.html", "a.css", "src/pages/a.html", "test/x.js", "test/y/z.js"));
	expect(tree.files.map(({ name }) => name)).toEqual(["a.css", "index.html"]);
	expect(tree.folders.map(({ name }) => name)).toEqual(["src/pages", "test"]);
	expect(tree.folders[0]?.tree).toEqual({
		folders: [],
		files: [
			{ name: "a.html", file: { name: "src/pages/a.html", at: 3 } },
			{ name: "b.html", file: { name: "src/pages/b.html", at: 1 } },
		],
	});
	expect(tree.folders[1]?.tree.folders.map(({ name }) => name)).toEqual(["y"]);
});

test("a file that was written twice is there once, as it was written last", () => {
	expect(fileTreeOf(files("a", "b", "a")).files.map(({ file }) => file.at)).toEqual([2, 1]);
});

test("the changes of each file are told apart, of new ones and of those that are gone too", () => {
	const patch = (from: string, to: string, before: string, after: string) =>
		createTwoFilesPatch(from, to, before, after).replace(/^=+\n/, "");
	const changed = patch("a/css/site.css", "b/css/site.css", "a\n--- b\n", "a\n--- a\n");
	const added = patch("/dev/null", "b/new.js", "", "1\n");
	const removed = patch("a/old.js", "/dev/null", "1\n", "");
	const found = diffByFile(changed + added + removed);
	expect([...found.keys()]).toEqual(["css/site.css", "new.js", "old.js"]);
	expect(found.get("new.js")).toContain("+1");
	expect(diffByFile("")).toEqual(new Map());
});
