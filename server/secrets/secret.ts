import { inspect } from "node:util";

const hidden = "[secret]";

/** A value that cannot print itself: strings, JSON, logs and inspection show `[secret]`. Only `reveal()` gives it away. */
export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	/** The plain value, for the one place that must hand it on. */
	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return hidden;
	}

	toJSON(): string {
		return hidden;
	}

	[inspect.custom](): string {
		return hidden;
	}
}
