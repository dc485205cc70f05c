import { randomInt } from "node:crypto";
import { projectNameOf } from "../../lib/protocol/git-url.ts";

const maxLength = 40;
const plainTries = 20;
const randomTries = 20;
/** Host names that people would take for Quayside's own. */
const reserved = new Set(["www", "api", "admin", "mail", "quayside", "localhost"]);

/** What a project is called after its source: the repository's name, and the last folder of a directory inside it. */
export function nameOfSource(url: string, directory: string | null): string {
	const folder = directory?.split("/").at(-1);
	return folder ? `${projectNameOf(url)}-${folder}` : projectNameOf(url);
}

/** The name as a label of a host name. */
export function slugOf(name: string): string {
	const slug = name
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-");
	const label = trimDashes(trimDashes(slug).slice(0, maxLength));
	return label === "" ? "project" : label;
}

/** Slugs to try for a name, best first: itself, then with a number, then with random characters. The list ends. */
export function* slugCandidates(name: string): Generator<string> {
	const slug = slugOf(name);
	if (!isReserved(slug)) yield slug;
	for (let number = 2; number <= plainTries; number++) yield withSuffix(slug, String(number));
	for (let tries = 0; tries < randomTries; tries++) yield withSuffix(slug, randomInt(36 ** 4, 36 ** 5).toString(36));
}

/** True for a slug that no project may have. */
export function isReserved(slug: string): boolean {
	return reserved.has(slug);
}

function withSuffix(slug: string, suffix: string): string {
	return `${trimDashes(slug.slice(0, maxLength - suffix.length - 1))}-${suffix}`;
}

function trimDashes(text: string): string {
	return text.replace(/^-+|-+$/g, "");
}
