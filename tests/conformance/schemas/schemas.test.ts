import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { findBreaks } from "./compare.ts";
import { describeProtocol, type ProtocolDescription, type Schema } from "./describe.ts";

const written = JSON.parse(await readFile(new URL("./protocol.json", import.meta.url), "utf8")) as ProtocolDescription;

test("nothing breaks the clients that are out there (R101)", () => {
	const now = describeProtocol();
	expect(findBreaks(written, now), "keep what clients use, or raise protocolVersion").toEqual([]);
	if (!isDeepStrictEqual(written, now))
		console.warn("The protocol has grown: run `npm run protocol` and commit tests/conformance/schemas/protocol.json.");
});

/** A copy of the protocol that a change was made to. */
function changed(change: (protocol: ProtocolDescription) => void): ProtocolDescription {
	const copy = structuredClone(written);
	change(copy);
	return copy;
}

const kind = (schema: Schema, t: string): Schema => {
	const found = (schema.anyOf ?? schema.oneOf ?? []).find(({ properties }) => properties?.t?.const === t);
	if (!found) throw new Error(`There is no frame ${t}.`);
	return found;
};
const fields = ({ properties = {} }: Schema) => properties;
const metadata = (protocol: ProtocolDescription, type: string) => protocol.says.metadata[type] ?? {};
const remove = (list: unknown[] | undefined, value: unknown) => list?.splice(list.indexOf(value), 1);

test.each<[name: string, change: (protocol: ProtocolDescription) => void, told: RegExp]>([
	["a removed field of a frame", ({ says }) => delete fields(kind(says.frames, "sub")).head, /sub: field head is gone/],
	[
		"a renamed field of an event",
		(protocol) => {
			const own = fields(metadata(protocol, "stage_started"));
			own.deadline = own.deadline_ms ?? {};
			delete own.deadline_ms;
		},
		/stage_started: field deadline_ms is gone/,
	],
	["a removed field of the envelope", ({ says }) => delete fields(says.envelope).agent_name, /field agent_name is gone/],
	["a removed field of the activity", ({ says }) => delete fields(says.activity).awaiting, /field awaiting is gone/],
	["a field that may be absent now", (protocol) => remove(metadata(protocol, "log").required, "lines"), /field lines may be absent/],
	[
		"a field of another type",
		({ says }) => {
			fields(kind(says.frames, "hello")).boot = { type: "number" };
		},
		/boot: was string, is number/,
	],
	[
		"a field that may be null now",
		({ says }) => {
			fields(kind(says.frames, "ev")).epoch = { anyOf: [{ type: "string" }, { type: "null" }] };
		},
		/epoch: may now be null/,
	],
	["a removed word", ({ says }) => remove(fields(says.envelope).stage?.anyOf?.[0]?.enum, "verify"), /value "verify" is gone/],
	["a removed reason of a reset", ({ says }) => remove(fields(kind(says.frames, "sub")).reset?.enum, "ahead"), /value "ahead" is gone/],
	["a removed event type", ({ says }) => delete says.metadata.preview_ready, /event type preview_ready is gone/],
	["a removed frame", ({ says }) => remove(says.frames.oneOf ?? says.frames.anyOf, kind(says.frames, "end")), /says frames: end is gone/],
	[
		"a renamed frame",
		({ hears }) => {
			fields(kind(hears.frames, "sub")).t = { type: "string", const: "subscribe" };
		},
		/hears frames: sub is gone/,
	],
	["a removed close code", ({ closeCodes }) => delete closeCodes.slow, /close code slow \(4008\)/],
	[
		"a changed close code",
		({ closeCodes }) => {
			closeCodes.slow = 4007;
		},
		/close code slow \(4008\)/,
	],
	["a field that clients must send now", ({ hears }) => kind(hears.frames, "sub").required?.push("epoch"), /field epoch is required now/],
	[
		"a lower limit for what clients send",
		({ hears }) => {
			const { subs } = fields(hears.request);
			if (subs) subs.maxItems = 10;
		},
		/subs: maxItems is lower/,
	],
	[
		"a version that went back",
		(protocol) => {
			protocol.protocolVersion = 0;
		},
		/protocolVersion went back/,
	],
])("%s is found", (_, change, told) => {
	const breaks = findBreaks(written, changed(change));
	expect(breaks.join("\n")).toMatch(told);
	const raised = changed((protocol) => {
		change(protocol);
		protocol.protocolVersion = written.protocolVersion + 1;
	});
	expect(findBreaks(written, raised)).toEqual([]);
});

test("additions break nobody", () => {
	const grown = changed(({ says, hears, closeCodes }) => {
		closeCodes.moved = 4011;
		says.metadata.rolled_back = { type: "object", properties: {}, required: [] };
		fields(says.envelope).trace = { type: "string" };
		says.envelope.required?.push("trace");
		fields(says.envelope).stage?.anyOf?.[0]?.enum?.push("announce");
		(says.frames.oneOf ?? says.frames.anyOf)?.push({
			type: "object",
			properties: { t: { type: "string", const: "note" } },
			required: ["t"],
		});
		fields(kind(hears.frames, "sub")).limit = { type: "number" };
		(hears.frames.oneOf ?? hears.frames.anyOf)?.push({
			type: "object",
			properties: { t: { type: "string", const: "mute" } },
			required: ["t"],
		});
		const { subs } = fields(hears.request);
		if (subs) subs.maxItems = 100;
	});
	expect(findBreaks(written, grown)).toEqual([]);
});
