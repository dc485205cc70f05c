/**
 * Runs in the page before any other script, as text: keeps what a person does with a control that React has not taken over yet (it is
 * inside of `data-late`), and does it again, in order, once it has. Without it a click or a key in the first moments of a page does
 * nothing, and a form sends its fields to the address bar. Links are left alone: they lead where they should without a script.
 */
export function keepEarlyInput(): void {
	const keepForMs = 60_000;
	const lookEveryMs = 16;
	const kept: { element: Element | null; isReady: () => boolean; act: () => void; untilMs: number }[] = [];
	let timer = 0;
	let keysCount = false;

	const isAlive = (element: Element): boolean => element.closest("[data-late]") === null;
	const isPageAlive = (): boolean => document.querySelector("[data-late]") === null;

	/** Finds an element again that React has made anew, at the same place and with the same words; null if there is none. */
	function follow<T extends Element>(element: T): () => T | null {
		const part = element.closest("[data-late]");
		const words = element.textContent;
		const steps: number[] = [];
		for (let at: Element = element; at !== part && at.parentElement; at = at.parentElement)
			steps.unshift(Array.prototype.indexOf.call(at.parentElement.children, at));
		return () => {
			if (element.isConnected) return element;
			const found = steps.reduce<Element | undefined>((at, step) => at?.children[step], part ?? undefined);
			return found?.tagName === element.tagName && found.textContent === words ? (found as T) : null;
		};
	}

	function forget(element: Element): void {
		const again = kept.findIndex((one) => one.element === element);
		if (again >= 0) kept.splice(again, 1);
	}

	function keep(one: Omit<(typeof kept)[number], "untilMs">): void {
		kept.push({ ...one, untilMs: Date.now() + keepForMs });
		if (timer === 0) timer = window.setInterval(look, lookEveryMs);
		document.documentElement.toggleAttribute("data-early-input", true);
	}

	/** Does `act` as soon as the part of the page that the element is in has been taken over. */
	function keepFor<T extends Element>(element: T, act: (element: T) => void): void {
		const part = element.closest("[data-late]");
		const find = follow(element);
		forget(element);
		keep({
			element,
			isReady: () => part === null || !part.isConnected || isAlive(part),
			act: () => {
				const found = find();
				if (found) act(found);
			},
		});
	}

	function look(): void {
		for (let next = kept[0]; next; next = kept[0]) {
			const isLate = Date.now() > next.untilMs;
			if (!isLate && !next.isReady()) return;
			kept.shift();
			if (!isLate) next.act();
		}
		window.clearInterval(timer);
		timer = 0;
		document.documentElement.toggleAttribute("data-early-input", false);
	}

	/** Tells React of a value that was there before it was: it looks at what it last saw, so that is made another one first. */
	function enter(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, value: string): void {
		if (field instanceof HTMLSelectElement) {
			field.value = value;
			field.dispatchEvent(new Event("change", { bubbles: true }));
			return;
		}
		field.value = `${value} `;
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value);
		field.dispatchEvent(new Event("input", { bubbles: true }));
	}

	function listen<K extends keyof WindowEventMap>(type: K, on: (event: WindowEventMap[K], target: Element) => void): void {
		window.addEventListener(type, (event) => event.target instanceof Element && on(event, event.target), true);
	}

	listen("click", (event, target) => {
		const control = target.closest<HTMLElement>("button, input:is([type=checkbox], [type=radio])");
		if (!control || isAlive(control)) return;
		event.preventDefault();
		event.stopImmediatePropagation();
		keepFor(control, (found) => found.click());
	});
	listen("submit", (event, form) => {
		if (!(form instanceof HTMLFormElement) || isAlive(form)) return;
		event.preventDefault();
		keepFor(form, (found) => found.requestSubmit());
	});
	listen("input", (_, field) => {
		const isText =
			field instanceof HTMLTextAreaElement ||
			field instanceof HTMLSelectElement ||
			(field instanceof HTMLInputElement && !/checkbox|radio|file/.test(field.type));
		if (!isText) return;
		const { value } = field;
		// Whoever types on while React takes the field over has told it the rest already.
		if (isAlive(field)) forget(field);
		else keepFor(field, (found) => enter(found, value));
	});
	// Keys that mean something wherever one is count once everything can hear them, and are not kept for what is opened later.
	listen("keydown", (event, target) => {
		keysCount ||= isPageAlive();
		const { key, ctrlKey, metaKey, altKey } = event;
		const isPalette = key === "k" && (ctrlKey || metaKey);
		if (keysCount || altKey || (!isPalette && (ctrlKey || metaKey || key.length !== 1 || key === " "))) return;
		if (!isPalette && target.closest("input, textarea, select, dialog, [popover]")) return;
		event.preventDefault();
		event.stopImmediatePropagation();
		const again = () => new KeyboardEvent("keydown", { key, ctrlKey, metaKey, bubbles: true, cancelable: true });
		keep({ element: null, isReady: isPageAlive, act: () => document.body.dispatchEvent(again()) });
	});
}
