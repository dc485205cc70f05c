import type { Workspace } from "./workspace.ts";

export interface SourceFacts {
	files: number;
	bytes: number;
	/** By bytes of source, largest first, at most six. */
	languages: { name: string; files: number; percent: number }[];
	/** False when the repository has more files than were counted. */
	complete: boolean;
}

const maxFiles = 20_000;

/** Counts the files of a workspace and the languages they are written in, by their extensions. */
export async function facts(workspace: Workspace): Promise<SourceFacts> {
	let files = 0;
	let bytes = 0;
	const byLanguage = new Map<string, { files: number; bytes: number }>();
	for await (const file of workspace.walk(maxFiles)) {
		files += 1;
		bytes += file.bytes;
		const language = languageOf(file.path);
		if (language === null) continue;
		const sum = byLanguage.get(language) ?? { files: 0, bytes: 0 };
		byLanguage.set(language, { files: sum.files + 1, bytes: sum.bytes + file.bytes });
	}
	const sourceBytes = [...byLanguage.values()].reduce((sum, language) => sum + language.bytes, 0);
	const languages = [...byLanguage]
		.sort(([, a], [, b]) => b.bytes - a.bytes)
		.slice(0, 6)
		.map(([name, language]) => ({ name, files: language.files, percent: Math.round((100 * language.bytes) / Math.max(1, sourceBytes)) }));
	return { files, bytes, languages, complete: files < maxFiles };
}

const extensions: Record<string, string> = {
	astro: "Astro",
	c: "C",
	cjs: "JavaScript",
	cpp: "C++",
	cs: "C#",
	css: "CSS",
	cts: "TypeScript",
	dart: "Dart",
	ex: "Elixir",
	exs: "Elixir",
	go: "Go",
	h: "C",
	hpp: "C++",
	htm: "HTML",
	html: "HTML",
	java: "Java",
	js: "JavaScript",
	jsx: "JavaScript",
	kt: "Kotlin",
	less: "CSS",
	lua: "Lua",
	mjs: "JavaScript",
	mts: "TypeScript",
	php: "PHP",
	py: "Python",
	rb: "Ruby",
	rs: "Rust",
	sass: "CSS",
	scala: "Scala",
	scss: "CSS",
	sh: "Shell",
	svelte: "Svelte",
	swift: "Swift",
	ts: "TypeScript",
	tsx: "TypeScript",
	vue: "Vue",
	zig: "Zig",
};

function languageOf(path: string): string | null {
	const name = path.slice(path.lastIndexOf("/") + 1);
	if (/\.min\.(?:js|css)$/.test(name)) return null;
	if (name === "Dockerfile") return "Dockerfile";
	const extension = /\.([a-z]+)$/.exec(name.toLowerCase())?.[1] ?? "";
	return Object.hasOwn(extensions, extension) ? (extensions[extension] ?? null) : null;
}
