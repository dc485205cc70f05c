const key = "quayside.notify";

/** `ask`: the person has said nothing yet. `blocked`: the browser refuses, and only its own settings change that. */
export type DesktopState = "unsupported" | "blocked" | "ask" | "on" | "off";

const listeners = new Set<() => void>();
/** Said on this page, for a browser that keeps nothing. */
let said: "on" | "off" | null = null;

function readWish(): "on" | "off" | null {
	try {
		const stored = window.localStorage.getItem(key);
		return stored === "on" || stored === "off" ? stored : said;
	} catch {
		return said;
	}
}

function setWish(next: "on" | "off"): void {
	said = next;
	try {
		window.localStorage.setItem(key, next);
	} catch {
		// Holds for this page then.
	}
	for (const listener of listeners) listener();
}

/** Desktop notifications of this browser: what the person wants, and what the browser lets us do. */
export const desktop = {
	state(): DesktopState {
		if (!("Notification" in window)) return "unsupported";
		if (Notification.permission === "denied") return "blocked";
		const wanted = readWish();
		if (wanted === "off") return "off";
		return wanted === "on" && Notification.permission === "granted" ? "on" : "ask";
	},
	subscribe(listener: () => void): () => void {
		// Another tab says "storage".
		window.addEventListener("storage", listener);
		listeners.add(listener);
		return () => {
			window.removeEventListener("storage", listener);
			listeners.delete(listener);
		};
	},
	/** Asks the browser; call it from a click. */
	async enable(): Promise<void> {
		await Notification.requestPermission();
		setWish("on");
	},
	disable: () => setWish("off"),
	/** Shows a notification; one with the same tag takes its place. A click leads to `href`. */
	show(text: string, tag: string, href: string | null): void {
		const shown = new Notification("Quayside", { body: text, tag, icon: "/icon.svg" });
		shown.onclick = () => {
			window.focus();
			if (href) window.location.assign(href);
			shown.close();
		};
	},
};
