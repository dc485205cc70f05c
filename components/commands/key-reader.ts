/** Keys that follow each other must come within this time. */
const sequenceMs = 1000;

/** Finds what typed keys ask for. Holds the first key of a pair such as `g p` until the second one comes, or too much time has passed. */
export interface KeyReader {
	/** `pressed` is `KeyboardEvent.key`, `nowMs` any clock that only goes forward. Answers a command, or `pending` after the first key of a pair. */
	read<T extends { keys?: string }>(pressed: string, commands: readonly T[], nowMs: number): T | "pending" | null;
}

export function createKeyReader(): KeyReader {
	let first: { key: string; atMs: number } | null = null;

	return {
		read(pressed, commands, nowMs) {
			const before = first && nowMs - first.atMs <= sequenceMs ? first.key : null;
			first = null;
			const pair = before === null ? undefined : commands.find(({ keys }) => keys === `${before} ${pressed}`);
			if (pair) return pair;
			const single = commands.find(({ keys }) => keys === pressed);
			if (single) return single;
			if (!commands.some(({ keys }) => keys?.startsWith(`${pressed} `))) return null;
			first = { key: pressed, atMs: nowMs };
			return "pending";
		},
	};
}

type Typed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing" | "defaultPrevented" | "target">;

/** True for a key that is typed into nothing: not into a field, a menu or a dialog, and with no modifier but Shift. */
export function isFreeKey({ key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented, target }: Typed): boolean {
	if (defaultPrevented || isComposing || ctrlKey || metaKey || altKey || key.length !== 1 || key === " ") return false;
	if (!(target instanceof Element)) return true;
	return target.closest("input, textarea, select, [contenteditable=true], dialog, [popover], [role=listbox]") === null;
}

/** Ctrl+K, or ⌘K on a Mac. */
export function isPaletteKey({ key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
	return key.toLowerCase() === "k" && (ctrlKey || metaKey) && !altKey;
}
