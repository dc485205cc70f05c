import type { ServerFrame } from "./frame.ts";

/**
 * The fields each frame must bring. The client looks no further: the server is the same program, of perhaps another version, and
 * whole schemas would cost every page 40 KB.
 */
const shapes: Readonly<Record<ServerFrame["t"], Readonly<Record<string, "string" | "number" | "boolean" | "array" | "object">>>> = {
	hello: { v: "number", conn: "string", boot: "string", hb: "number" },
	sub: { stream: "string", epoch: "string", head: "number", min: "number", closed: "boolean", after: "number" },
	ev: { stream: "string", epoch: "string", from: "number", to: "number", e: "array" },
	live: { stream: "string", head: "number" },
	hb: { n: "number", heads: "object", activity: "array" },
	pong: { n: "number" },
	end: { stream: "string", seq: "number" },
	err: { code: "string" },
	bye: { code: "number", after: "array" },
};

/** A frame from JSON; null for what this version does not know, which is passed over. */
export function readServerFrame(value: unknown): ServerFrame | null {
	if (kindOf(value) !== "object") return null;
	const frame = value as Record<string, unknown>;
	const shape = typeof frame.t === "string" && Object.hasOwn(shapes, frame.t) ? shapes[frame.t as ServerFrame["t"]] : null;
	if (!shape) return null;
	const fits = Object.entries(shape).every(([name, kind]) => kindOf(frame[name]) === kind);
	return fits && (frame.t !== "ev" || (frame.e as unknown[]).every(isEvent)) ? (value as ServerFrame) : null;
}

function isEvent(value: unknown): boolean {
	const { seq, type, metadata } = (kindOf(value) === "object" ? value : {}) as Record<string, unknown>;
	return typeof seq === "number" && typeof type === "string" && kindOf(metadata) === "object";
}

function kindOf(value: unknown): string {
	return Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
}
