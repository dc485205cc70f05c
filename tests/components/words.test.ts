import { readFile } from "node:fs/promises";
import ts from "typescript";
import { expect, it } from "vitest";
import { jargon } from "#tests/support/jargon.ts";
import { sourceFiles } from "../../scripts/source-files.mjs";

/** Pages and components; what is written in them for people, and where. */
const files: string[] = (await sourceFiles()).filter(
	(path: string) => /^(app|components|lib\/deployment|lib\/live\/doctor)\/.*\.tsx?$/.test(path) && !/^app\/(?:dev|api)\//.test(path),
);

/** Where a person asks how they are connected, the ways have their names; an address and a setting are typed as they are. */
const typed = /\bhttps?:\/\/\S*|^[A-Z_]+=\S+$/g;
const namesWays = /^(?:components\/live\/status-words\.ts|components\/system\/|lib\/live\/doctor\/)/;

interface Words {
	place: string;
	text: string;
}

/** Text between tags, and every literal that is a sentence or the words of a control. */
function wordsIn(path: string, source: string): Words[] {
	const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
	const found: Words[] = [];
	const add = (node: ts.Node, text: string) => {
		const said = text.replace(/\s+/g, " ").trim();
		if (said !== "") found.push({ place: `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`, text: said });
	};
	const visit = (node: ts.Node): void => {
		if (ts.isJsxText(node)) add(node, node.text);
		else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) {
			if (isForPeople(node)) add(node, node.text);
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

const spoken = /^(?:title|label|placeholder|alt|what|description|text|name|hint|aria-label|aria-description)$/;

/** A sentence begins with a capital and has a space; an attribute or a property that people read has any words. */
function isForPeople(node: ts.Node & { text: string }): boolean {
	const { parent } = node;
	if (ts.isImportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return false;
	if (ts.isJsxAttribute(parent)) return spoken.test(parent.name.getText());
	if (ts.isPropertyAssignment(parent) && spoken.test(parent.name.getText())) return true;
	return /^[“A-Z].*(?:\s\S|…$)/s.test(node.text);
}

it("no page says what only who built it understands (R211, R212)", async () => {
	const words = (await Promise.all(files.map(async (path) => wordsIn(path, await readFile(path, "utf8"))))).flat();
	expect(words.length).toBeGreaterThan(500);
	const said = ({ place, text }: Words) =>
		text.replaceAll(typed, "").replaceAll(namesWays.test(place) ? /\b(?:WebSocket|HTTP version)\b/g : /(?!)/g, "");
	expect(words.filter((one) => jargon.test(said(one))).map(({ place, text }) => `${place}  ${text}`)).toEqual([]);
});
