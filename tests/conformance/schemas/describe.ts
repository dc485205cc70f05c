import { z } from "zod";
import {
	activitySchema,
	clientFrameSchema,
	closeCodes,
	eventSchema,
	liveRequestSchema,
	metadataSchemas,
	protocolVersion,
	serverFrameSchema,
} from "#lib/protocol/index.ts";

/** What a JSON Schema says, as far as the protocol's use it. */
export interface Schema {
	type?: string | string[];
	const?: unknown;
	enum?: unknown[];
	properties?: Record<string, Schema>;
	required?: string[];
	items?: Schema;
	prefixItems?: Schema[];
	additionalProperties?: Schema | boolean;
	anyOf?: Schema[];
	oneOf?: Schema[];
	[other: string]: unknown;
}

/** The whole protocol as data. `says` is what a reader of the server relies on, `hears` what the server takes. */
export interface ProtocolDescription {
	protocolVersion: number;
	closeCodes: Record<string, number>;
	says: { frames: Schema; envelope: Schema; activity: Schema; metadata: Record<string, Schema> };
	hears: { frames: Schema; request: Schema };
}

/** Describes the protocol of this checkout. */
export function describeProtocol(): ProtocolDescription {
	const says = (schema: z.ZodType) => plain(z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }));
	const hears = (schema: z.ZodType) => plain(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
	return {
		protocolVersion,
		closeCodes: { ...closeCodes },
		says: {
			frames: says(serverFrameSchema),
			envelope: envelopeOf(says(eventSchema)),
			activity: says(activitySchema),
			metadata: Object.fromEntries(Object.entries(metadataSchemas).map(([type, schema]) => [type, says(schema)])),
		},
		hears: { frames: hears(clientFrameSchema), request: hears(liveRequestSchema) },
	};
}

/** The fields that all events have; each type's metadata is described apart. */
function envelopeOf({ anyOf, oneOf }: Schema): Schema {
	const [first = {}] = anyOf ?? oneOf ?? [];
	const { type: _type, metadata: _metadata, ...properties } = first.properties ?? {};
	return { ...first, properties, required: first.required?.filter((name) => name in properties) };
}

/** As it is written to a file and read back. */
const plain = (schema: unknown) => JSON.parse(JSON.stringify(schema, (key, value) => (key === "$schema" ? undefined : value))) as Schema;
