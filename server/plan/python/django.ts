import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { lineOf } from "../provider.ts";

export interface DjangoProject {
	/** "shop.wsgi" */
	wsgi: string | null;
	asgi: string | null;
	/** The settings say where collected files go. */
	collectsStatic: boolean;
	/** Variables the settings read without a default. */
	expects: string[];
	evidence: Evidence[];
	warnings: string[];
}

/** A Django project by its manage.py; null where there is none. */
export async function readDjango(workspace: Workspace): Promise<DjangoProject | null> {
	const manage = await workspace.read("manage.py");
	if (manage === null || !/django/i.test(manage)) return null;
	const settings = /DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']/.exec(manage)?.[1] ?? null;
	const evidence: Evidence[] = [
		{
			file: "manage.py",
			line: lineOf(manage, "DJANGO_SETTINGS_MODULE"),
			means: settings ? `Django, settings in ${settings}` : "A Django project",
		},
	];
	const folder = settings?.split(".")[0] ?? null;
	const wsgi = await moduleFile(workspace, folder, "wsgi", evidence);
	const asgi = await moduleFile(workspace, folder, "asgi", evidence);
	const read = settings === null ? null : await settingsText(workspace, settings);
	const collectsStatic = /^\s*STATIC_ROOT\s*=\s*(?!None)/m.test(read?.text ?? "");
	if (read !== null && collectsStatic)
		evidence.push({ file: read.file, line: lineOf(read.text, "STATIC_ROOT"), means: "Static files are collected" });
	const warnings = ["Database migrations are not run: add them to the start or build command where they are wanted."];
	const hosts = /^\s*ALLOWED_HOSTS\s*=\s*\[([^\]]*)\]/m.exec(read?.text ?? "")?.[1];
	if (hosts !== undefined && hosts.trim() !== "" && !/["'](?:\*|\.localhost)["']/.test(hosts))
		warnings.push("ALLOWED_HOSTS names other hosts than the preview's: Django may answer it with 400.");
	return { wsgi, asgi, collectsStatic, expects: requiredVariables(read?.text ?? ""), evidence, warnings };
}

async function moduleFile(workspace: Workspace, folder: string | null, name: string, evidence: Evidence[]): Promise<string | null> {
	const folders = folder === null ? [] : [folder];
	for (const entry of await workspace.list()) if (entry.kind === "directory" && entry.name !== folder) folders.push(entry.name);
	for (const candidate of folders.slice(0, 50)) {
		const file = `${candidate}/${name}.py`;
		if (!(await workspace.isFile(file))) continue;
		const text = (await workspace.read(file)) ?? "";
		evidence.push({ file, line: lineOf(text, "application ="), means: `The app as ${name.toUpperCase()} servers see it` });
		return `${candidate}.${name}`;
	}
	return null;
}

async function settingsText(workspace: Workspace, module: string): Promise<{ file: string; text: string } | null> {
	const path = module.replaceAll(".", "/");
	for (const file of [`${path}.py`, `${path}/__init__.py`, `${path}/base.py`]) {
		const text = await workspace.read(file);
		if (text !== null) return { file, text };
	}
	return null;
}

/** Names that are read in a way that ends the program where they are missing. */
export function requiredVariables(text: string): string[] {
	const names = [...text.matchAll(/\bos\.environ\[["']([A-Z][A-Z0-9_]*)["']\]/g)].flatMap((found) => found[1] ?? []);
	return [...new Set(names)].slice(0, 50);
}
