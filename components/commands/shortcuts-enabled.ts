/** Whether single keys do something, by the person's wish: speech input and unsteady hands type letters by mistake. Kept in this browser. */
const key = "quayside.shortcuts";
const listeners = new Set<() => void>();
let off: boolean | null = null;

export const shortcutsEnabled = {
	get(): boolean {
		try {
			off ??= window.localStorage.getItem(key) === "off";
		} catch {
			// A browser that keeps nothing.
			off ??= false;
		}
		return !off;
	},
	set(enabled: boolean): void {
		off = !enabled;
		try {
			window.localStorage.setItem(key, enabled ? "on" : "off");
		} catch {
			// Holds for this page then.
		}
		for (const listener of listeners) listener();
	},
	subscribe(listener: () => void): () => void {
		listeners.add(listener);
		return () => listeners.delete(listener);
	},
};
