import { isDeepStrictEqual } from "node:util";
import type { ProtocolDescription, Schema } from "./describe.ts";

/** Which way a message goes: what we say must stay what readers rely on, what we hear must stay what writers send. */
type Direction = "says" | "hears";

/**
 * What in `now` breaks those who wrote a client for `before`, one sentence each. Additions break nobody: readers pass over fields,
 * frames, types and values they do not know, and writers leave new fields out.
 */
export function findBreaks(before: ProtocolDescription, now: ProtocolDescription): string[] {
	if (now.protocolVersion > before.protocolVersion) return [];
	const breaks: string[] = [];
	if (now.protocolVersion < before.protocolVersion) breaks.push("protocolVersion went back");
	for (const [name, code] of Object.entries(before.closeCodes))
		if (now.closeCodes[name] !== code) breaks.push(`close code ${name} (${code}) is gone or another`);
	const tell = (text: string) => breaks.push(text);
	for (const part of ["frames", "envelope", "activity"] as const)
		compare(before.says[part], now.says[part], { at: `says ${part}`, direction: "says", tell });
	for (const [type, schema] of Object.entries(before.says.metadata)) {
		const next = now.says.metadata[type];
		if (next) compare(schema, next, { at: `says metadata of ${type}`, direction: "says", tell });
		else tell(`event type ${type} is gone`);
	}
	for (const part of ["frames", "request"] as const)
		compare(before.hears[part], now.hears[part], { at: `hears ${part}`, direction: "hears", tell });
	return breaks;
}

interface Place {
	at: string;
	direction: Direction;
	tell(text: string): void;
}

function compare(before: Schema, now: Schema, place: Place): void {
	const [olds, news] = [branchesOf(before), branchesOf(now)];
	const [old, next] = [olds[0], news[0]];
	if (olds.length === 1 && news.length === 1 && old && next) {
		compareOne(old, next, place);
		return;
	}
	const matched = new Set<Schema>();
	for (const branch of olds) {
		const partner = partnerOf(branch, news, place.direction);
		if (!partner) {
			place.tell(`${place.at}: ${nameOf(branch)} is gone`);
			continue;
		}
		matched.add(partner);
		compareOne(branch, partner, { ...place, at: `${place.at} ${nameOf(branch)}`.trim() });
	}
	if (place.direction === "hears") return;
	// A new kind with a name of its own is passed over; anything else new, null above all, surprises a reader.
	for (const branch of news)
		if (!matched.has(branch) && discriminatorOf(branch) === null) place.tell(`${place.at}: may now be ${nameOf(branch)}`);
}

function partnerOf(branch: Schema, among: readonly Schema[], direction: Direction): Schema | undefined {
	const own = discriminatorOf(branch);
	if (own) return among.find((other) => isDeepStrictEqual(discriminatorOf(other), own));
	const fits = (other: Schema) => {
		let breaks = 0;
		compareOne(branch, other, { at: "", direction, tell: () => breaks++ });
		return breaks === 0;
	};
	return (
		among.find(fits) ?? among.find((other) => discriminatorOf(other) === null && other.type !== undefined && other.type === branch.type)
	);
}

function compareOne(before: Schema, now: Schema, place: Place): void {
	const { at, direction, tell } = place;
	if (isAnything(before)) return;
	if (isAnything(now) && direction === "hears") return;
	if (before.type !== now.type) {
		tell(`${at}: was ${nameOf(before)}, is ${nameOf(now)}`);
		return;
	}
	const [oldValues, newValues] = [valuesOf(before), valuesOf(now)];
	if (newValues) {
		if (!oldValues && direction === "hears") tell(`${at}: takes only certain values now`);
		for (const value of oldValues ?? []) if (!newValues.includes(value)) tell(`${at}: value ${JSON.stringify(value)} is gone`);
	} else if (oldValues && direction === "says") tell(`${at}: may be any value now`);
	compareObjects(before, now, place);
	if (before.items) compare(before.items, now.items ?? {}, { ...place, at: `${at}[]` });
	for (const [index, item] of (before.prefixItems ?? []).entries())
		compare(item, now.prefixItems?.[index] ?? {}, { ...place, at: `${at}[${index}]` });
	if (typeof before.additionalProperties === "object")
		compare(before.additionalProperties, typeof now.additionalProperties === "object" ? now.additionalProperties : {}, {
			...place,
			at: `${at}.*`,
		});
	if (direction === "hears") compareBounds(before, now, place);
	if (before.format !== now.format && direction === "says") tell(`${at}: format was ${before.format}, is ${now.format}`);
}

function compareObjects(before: Schema, now: Schema, { at, direction, tell }: Place): void {
	for (const [name, schema] of Object.entries(before.properties ?? {})) {
		const next = now.properties?.[name];
		if (!next) {
			tell(`${at}: field ${name} is gone`);
			continue;
		}
		if (direction === "says" && before.required?.includes(name) && !now.required?.includes(name))
			tell(`${at}: field ${name} may be absent now`);
		compare(schema, next, { at: `${at}.${name}`, direction, tell });
	}
	if (direction !== "hears") return;
	for (const name of now.required ?? []) if (!before.required?.includes(name)) tell(`${at}: field ${name} is required now`);
}

const upper = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"];
const lower = ["minimum", "exclusiveMinimum", "minLength", "minItems"];

function compareBounds(before: Schema, now: Schema, { at, tell }: Place): void {
	const bound = (schema: Schema, name: string, open: number) => (typeof schema[name] === "number" ? schema[name] : open);
	for (const name of upper)
		if (bound(now, name, Number.POSITIVE_INFINITY) < bound(before, name, Number.POSITIVE_INFINITY)) tell(`${at}: ${name} is lower`);
	for (const name of lower)
		if (bound(now, name, Number.NEGATIVE_INFINITY) > bound(before, name, Number.NEGATIVE_INFINITY)) tell(`${at}: ${name} is higher`);
	for (const name of ["pattern", "format"]) if (now[name] !== undefined && now[name] !== before[name]) tell(`${at}: ${name} is another`);
}

/** The alternatives of a schema; itself where there is one. */
function branchesOf(schema: Schema): Schema[] {
	const branches = schema.anyOf ?? schema.oneOf;
	if (branches) return branches.flatMap(branchesOf);
	return Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema];
}

/** The constant fields of an object, which tell its kind: `{t: "hello"}`. */
function discriminatorOf({ properties = {} }: Schema): Record<string, unknown> | null {
	const constants = Object.entries(properties).flatMap(([name, { const: value }]) => (value === undefined ? [] : [[name, value] as const]));
	return constants.length === 0 ? null : Object.fromEntries(constants);
}

const valuesOf = (schema: Schema): unknown[] | null => schema.enum ?? (schema.const === undefined ? null : [schema.const]);
const isAnything = (schema: Schema): boolean => Object.keys(schema).length === 0;

function nameOf(schema: Schema): string {
	const kind = discriminatorOf(schema);
	if (kind) return Object.values(kind).join("/");
	return valuesOf(schema)?.map(String).join("|") ?? (isAnything(schema) ? "anything" : String(schema.type));
}
