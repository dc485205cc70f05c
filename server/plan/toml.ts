import { parse } from "smol-toml";

type Table = Readonly<Record<string, unknown>>;

/** Reads TOML; null when it is not valid. */
export function parseToml(text: string): Table | null {
	try {
		return parse(text);
	} catch {
		return null;
	}
}

/** The table at a path of keys; empty when there is none. */
export function tableAt(value: unknown, ...path: string[]): Table {
	let here = value;
	for (const key of path) here = isTable(here) && Object.hasOwn(here, key) ? here[key] : undefined;
	return isTable(here) ? here : {};
}

/** The strings of an array, without what is not one. */
export function stringsOf(value: unknown): string[] {
	return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function isTable(value: unknown): value is Table {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
