import type { JsonPatchOperation } from "@ag-ui/core";

/**
 * The operations (RFC 6902) that turn one JSON value into another. The fold keeps the objects it does not change, so that what is
 * the same is passed over at once. A property that is undefined counts as absent, as it does in JSON.
 */
export function patchOf(before: unknown, after: unknown, path = ""): JsonPatchOperation[] {
	if (before === after) return [];
	if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length) return patchOfLists(before, after, path);
	if (isRecord(before) && isRecord(after)) return patchOfRecords(before, after, path);
	return [{ op: "replace", path, value: after }];
}

function patchOfLists(before: readonly unknown[], after: readonly unknown[], path: string): JsonPatchOperation[] {
	return after.flatMap((value, index) =>
		index < before.length ? patchOf(before[index], value, `${path}/${index}`) : [{ op: "add" as const, path: `${path}/${index}`, value }],
	);
}

function patchOfRecords(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, path: string) {
	const operations: JsonPatchOperation[] = [];
	for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
		const place = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
		if (after[name] === undefined) {
			if (before[name] !== undefined) operations.push({ op: "remove", path: place });
		} else if (before[name] === undefined) operations.push({ op: "add", path: place, value: after[name] });
		else operations.push(...patchOf(before[name], after[name], place));
	}
	return operations;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
