/** Runs tasks one after the other in the order they came. */
export class Serial {
	readonly #limit: number;
	readonly #onError: (error: unknown) => void;
	/** Null while none waits: most connections have nothing to do most of the time. */
	#waiting: (() => Promise<void>)[] | null = null;
	#running = false;

	constructor(limit: number, onError: (error: unknown) => void) {
		this.#limit = limit;
		this.#onError = onError;
	}

	get waiting(): number {
		return this.#waiting?.length ?? 0;
	}

	/** False, and the task is forgotten, when as many as the limit are waiting already. */
	push(task: () => Promise<void>): boolean {
		if (this.waiting >= this.#limit) return false;
		this.#waiting ??= [];
		this.#waiting.push(task);
		if (!this.#running) void this.#run();
		return true;
	}

	async #run(): Promise<void> {
		this.#running = true;
		for (let task = this.#waiting?.shift(); task; task = this.#waiting?.shift()) await task().catch(this.#onError);
		this.#waiting = null;
		this.#running = false;
	}
}
