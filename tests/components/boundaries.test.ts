import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { sourceFiles } from "../../scripts/source-files.mjs";

const files: string[] = (await sourceFiles()).filter(
	(path: string) => /^(app|components)\/.*\.tsx?$/.test(path) && !/^app\/(?:dev|api)\//.test(path),
);

/** What a component is handed to show: its children, or something in an attribute. */
interface Slot {
	of: string;
	name: string;
}

/** A component or a hook, by `path#name`. */
interface Unit {
	/** It asks the server for something, and shows what comes. */
	asks: boolean;
	/** What it calls and shows. `guarded`: inside a boundary. `slots`: handed to these components, which show it. */
	uses: { unit: string; guarded: boolean; slots: Slot[] }[];
	/** Names of what it is handed and shows inside a boundary. */
	guardedSlots: Set<string>;
}

const units = new Map<string, Unit>();
for (const path of files) readUnits(path, await readFile(path, "utf8"));

function readUnits(path: string, text: string): void {
	const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
	const known = new Map<string, string>();
	const bodies: [string, ts.Node][] = [];
	for (const statement of file.statements) {
		if (ts.isImportDeclaration(statement)) {
			const from = resolve(path, (statement.moduleSpecifier as ts.StringLiteral).text);
			const bindings = statement.importClause?.namedBindings;
			if (from && bindings && ts.isNamedImports(bindings))
				for (const { name, propertyName } of bindings.elements) known.set(name.text, `${from}#${(propertyName ?? name).text}`);
		} else if (ts.isFunctionDeclaration(statement)) bodies.push([statement.name?.text ?? "default", statement]);
		else if (ts.isVariableStatement(statement))
			for (const { name, initializer } of statement.declarationList.declarations) {
				if (!initializer || !ts.isIdentifier(name)) continue;
				const late = /\blazy\(.*import\("([^"]+)"\).*module\.(\w+)/s.exec(initializer.getText());
				if (late) known.set(name.text, `${resolve(path, late[1] ?? "")}#${late[2]}`);
				else bodies.push([name.text, initializer]);
			}
	}
	for (const [name] of bodies) known.set(name, `${path}#${name}`);
	for (const [name, body] of bodies) units.set(`${path}#${name}`, readUnit(body, known));
}

function readUnit(body: ts.Node, known: Map<string, string>): Unit {
	const unit: Unit = { asks: false, uses: [], guardedSlots: new Set() };
	const visit = (node: ts.Node, guarded: boolean, slots: Slot[]): void => {
		if (ts.isCallExpression(node) && /^use(?:\w*Query|SWR\w*)$/.test(node.expression.getText())) unit.asks = true;
		if (ts.isIdentifier(node) && guarded && ts.isJsxExpression(node.parent)) unit.guardedSlots.add(node.text);
		const used = known.get(nameOfUse(node));
		if (used) unit.uses.push({ unit: used, guarded, slots });
		const inside = guarded || (ts.isJsxElement(node) && node.openingElement.tagName.getText() === "PanelBoundary");
		const slot = slotOf(node, known);
		ts.forEachChild(node, (child) => visit(child, inside, slot ? [...slots, slot] : slots));
	};
	visit(body, false, []);
	return unit;
}

function nameOfUse(node: ts.Node): string {
	if (ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node)) return node.tagName.getText();
	return ts.isCallExpression(node) ? node.expression.getText() : "";
}

function slotOf(node: ts.Node, known: Map<string, string>): Slot | null {
	if (ts.isJsxElement(node)) return { of: known.get(node.openingElement.tagName.getText()) ?? "", name: "children" };
	if (!ts.isJsxAttribute(node) || !ts.isJsxAttributes(node.parent)) return null;
	return { of: known.get(node.parent.parent.tagName.getText()) ?? "", name: node.name.getText() };
}

function resolve(from: string, specifier: string): string | null {
	if (specifier.startsWith("#")) return specifier.slice(1);
	if (!specifier.startsWith(".")) return null;
	const path = join(dirname(from), specifier);
	return existsSync(path) ? path : null;
}

/** They are the page itself, whose boundary is the `error.tsx` of its group; what they show in parts has boundaries of its own. */
const screens = /#(?:Overview|ProjectScreen|AnalyticsScreen|LiveDeployment)$/;
/** Asks whether the server is there, and shows nothing of the answer. */
const showsNothing = "components/live/use-out-of-reach.ts#useOutOfReach";

const isHook = (name: string): boolean => /#use[A-Z]/.test(name);

function asksForWhatItShows(name: string): boolean {
	const unit = units.get(name);
	if (!unit || name === showsNothing) return false;
	return unit.asks || unit.uses.some((use) => isHook(use.unit) && asksForWhatItShows(use.unit));
}

/** Everything that a page shows with no boundary between. */
function exposed(): Set<string> {
	const seen = new Set([...units.keys()].filter((name) => /^app\/.*(?:page|layout)\.tsx#/.test(name)));
	for (const name of seen) {
		for (const { unit, guarded, slots } of units.get(name)?.uses ?? []) {
			if (!guarded && !slots.some((slot) => units.get(slot.of)?.guardedSlots.has(slot.name))) seen.add(unit);
		}
	}
	return seen;
}

it("everything that asks the server for what it shows has a boundary around it (R216)", () => {
	const asking = [...units.keys()].filter((name) => !isHook(name) && asksForWhatItShows(name));
	expect(asking.length).toBeGreaterThan(20);
	const open = exposed();
	expect(open.size).toBeGreaterThan(50);
	expect(asking.filter((name) => open.has(name) && !screens.test(name))).toEqual([]);
});

it("whose script comes on its own has a boundary: it may not arrive, and takes nothing else with it", async () => {
	const bare = [];
	for (const path of files) {
		const text = await readFile(path, "utf8");
		for (const [before] of text.matchAll(/(?:<PanelBoundary\b[^>]*>\s*)?<Suspense\b/g))
			if (!before.startsWith("<PanelBoundary") && path !== "components/shell/late.tsx") bare.push(path);
	}
	expect(bare).toEqual([]);
});
