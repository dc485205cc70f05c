/**
 * Runs in the page before any other script, as text: keeps what a person does with a control that React has not taken over yet (it is
 * inside of `data-late`), and does it again, in order, once it has. Without it a click in the first moments of a page does nothing, and
 * a form sends its fields to the address bar. Links are left alone: they lead where they should without a script.
 */
export function keepEarlyInput(): void {
	const keepForMs = 60_000;
	const lookEveryMs = 16;
	const kept: { element: HTMLElement; act: () => void; untilMs: number }[] = [];
	const fields = "input, textarea, select";
	let timer = 0;

	const isAlive = (element: Element): boolean => element.closest("[data-late]") === null;

	function keep(element: HTMLElement, act: () => void): void {
		const again = kept.findIndex((one) => one.element === element);
		if (again >= 0) kept.splice(again, 1);
		kept.push({ element, act, untilMs: Date.now() + keepForMs });
		if (timer === 0) timer = window.setInterval(look, lookEveryMs);
		document.documentElement.toggleAttribute("data-early-input", true);
	}

	function look(): void {
		for (let next = kept[0]; next; next = kept[0]) {
			const isLost = !next.element.isConnected || Date.now() > next.untilMs;
			if (!isLost && !isAlive(next.element)) return;
			kept.shift();
			if (!isLost) next.act();
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

	window.addEventListener(
		"click",
		(event) => {
			const control = event.target instanceof Element ? event.target.closest<HTMLElement>("button, input[type=checkbox]") : null;
			if (!control || isAlive(control)) return;
			event.preventDefault();
			event.stopImmediatePropagation();
			keep(control, () => control.click());
		},
		true,
	);
	window.addEventListener(
		"submit",
		(event) => {
			const form = event.target as HTMLFormElement;
			if (isAlive(form)) return;
			event.preventDefault();
			keep(form, () => form.requestSubmit());
		},
		true,
	);
	window.addEventListener(
		"input",
		(event) => {
			const field = event.target;
			if (!(field instanceof HTMLElement) || !field.matches(fields)) return;
			const typed = field as HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
			if (typed.type === "checkbox" || typed.type === "file") return;
			// Whoever types on while React takes the field over has told it the rest already.
			const again = kept.findIndex((one) => one.element === typed);
			if (again >= 0) kept.splice(again, 1);
			if (isAlive(typed)) return;
			const { value } = typed;
			keep(typed, () => enter(typed, value));
		},
		true,
	);
}
